package org.quantado.host.engine;

import java.util.ArrayList;
import java.util.EnumSet;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;

import org.quantado.host.HostEngineException;
import org.quantado.host.memory.ArrayUse;
import org.quantado.host.memory.DeviceObjects;
import org.quantado.host.memory.GraphMemory;
import org.quantado.host.memory.Transfer;
import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.common.TaskPackage;

/** What a user says of a graph: its tasks, and the transfers of their arrays. */
final class GraphDefinition {
    private final String name;
    private final List<HostTask> tasks = new ArrayList<>();
    private final IdentityHashMap<Object, Set<Transfer>> transfers = new IdentityHashMap<>();

    GraphDefinition(String name) {
        this.name = name;
    }

    GraphDefinition copy() {
        GraphDefinition copy = new GraphDefinition(name);
        copy.tasks.addAll(tasks);
        transfers.forEach((array, said) -> copy.transfers.put(array, EnumSet.copyOf(said)));
        return copy;
    }

    String name() {
        return name;
    }

    List<HostTask> tasks() {
        return tasks;
    }

    /** The arrays that transfers name. */
    Set<Object> transferred() {
        return transfers.keySet();
    }

    /** The arrays of which a transfer says this. */
    List<Object> transferred(Transfer transfer) {
        return transfers.keySet().stream().filter(array -> transfers.get(array).contains(transfer)).toList();
    }

    void add(TaskPackage task) {
        tasks.add(HostTask.of(name, task));
    }

    /** Adds transfers to the device; numbers and contexts among the objects are in a kernel already. */
    void transferToDevice(Transfer transfer, Object... objects) {
        for (Object object : objects) {
            boolean isInKernel = (object instanceof Number && !(object instanceof AtomicInteger))
                    || object instanceof KernelContext;
            if (!isInKernel) {
                transfer("transferToDevice", transfer, object);
            }
        }
    }

    void transfer(String call, Transfer transfer, Object... objects) {
        for (Object object : objects) {
            if (object == null || !DeviceObjects.canHold(object)) {
                throw new HostEngineException("graph " + name + ": " + call + " of "
                        + (object == null ? "null" : "a " + object.getClass().getName()) + "; expected an array");
            }
            transfers.computeIfAbsent(object, _ -> EnumSet.noneOf(Transfer.class)).add(transfer);
        }
    }

    /** Device memory for the graph as it is now. */
    GraphMemory memory() {
        return new GraphMemory(name, transfers, arrayUses());
    }

    /** What the tasks do with their arrays, one task after the other. */
    IdentityHashMap<Object, ArrayUse> arrayUses() {
        IdentityHashMap<Object, ArrayUse> uses = new IdentityHashMap<>();
        for (HostTask task : tasks) {
            task.arrayUses().forEach((array, use) -> uses.merge(array, use, ArrayUse::then));
        }
        return uses;
    }
}
