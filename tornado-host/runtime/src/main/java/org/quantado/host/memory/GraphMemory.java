package org.quantado.host.memory;

import java.util.Collection;
import java.util.EnumSet;
import java.util.IdentityHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

import org.quantado.host.HostEngineException;
import uk.ac.manchester.tornado.api.common.Access;

/**
 * The device's memory of one TaskGraph. Arrays keep it from execution to execution until it is freed, except those that
 * no transfer of the graph names: they are new in each. The result of a reduction begins each execution with the neutral
 * element, and only the first element of it is copied out.
 *
 * <p>
 * As on TornadoVM, an array whose first task only writes it is never copied in; all others are, also those that no
 * transfer names; one that no task writes is never copied out; and an array is consumed from the graph that was executed just before, which must have persisted or consumed it.
 */
public final class GraphMemory {
    private final String graph;
    private final IdentityHashMap<Object, Set<Transfer>> transfers;
    private final IdentityHashMap<Object, ArrayUse> uses;
    private final IdentityHashMap<Object, DeviceArray> arrays = new IdentityHashMap<>();
    private final IdentityHashMap<Object, NeutralElement> neutralElements = new IdentityHashMap<>();

    /**
     * Memory for a graph that has not been executed yet.
     *
     * @param transfers
     *            what the graph says about its arrays
     * @param uses
     *            what its tasks do with their arrays
     */
    public GraphMemory(String graph, IdentityHashMap<Object, Set<Transfer>> transfers,
            IdentityHashMap<Object, ArrayUse> uses) {
        this.graph = graph;
        this.transfers = transfers;
        this.uses = uses;
    }

    /**
     * Takes over the arrays that this graph consumes.
     *
     * @param previous
     *            the memory of the graph that the plan executed last; null if there was none
     */
    public void consumeFrom(GraphMemory previous) {
        for (Object array : withTransfer(Transfer.CONSUME)) {
            if (previous == null) {
                throw new HostEngineException(
                        name(array) + " is consumed from the device, but the plan has not executed"
                                + " any graph before");
            }
            DeviceArray found = previous.arrays.get(array);
            if (found == null || !previous.keeps(array)) {
                throw new HostEngineException(name(array) + " is consumed from the device, but graph "
                        + previous.graph
                        + ", executed just before, does not hold it: expected it among what that graph persists on the"
                        + " device, or consumes and passes on");
            }
            if (found.isFreed()) {
                throw new HostEngineException(name(array)
                        + " is consumed from the device, but the memory of the graph that put it there was freed");
            }
            if (isWritten(array)) {
                found.becomeACopy();
            }
            arrays.put(array, found);
        }
    }

    /** Allocates what the tasks need, and copies in what the transfers say. */
    public void copyIn(boolean strict, CopyMeter meter) {
        arrays.keySet().removeIf(this::isLetGo);
        for (Map.Entry<Object, ArrayUse> entry : uses.entrySet()) {
            Object array = entry.getKey();
            if (!says(array, Transfer.CONSUME)) {
                copyIn(array, entry.getValue(), strict, meter);
            }
        }
        for (Object array : withTransfer(Transfer.IN_EVERY_EXECUTION)) {
            if (!uses.containsKey(array)) {
                meter.in(arrays.computeIfAbsent(array, a -> DeviceArray.allocate(a, strict)));
            }
        }
    }

    private void copyIn(Object array, ArrayUse use, boolean strict, CopyMeter meter) {
        if (use.isReduced()) {
            DeviceArray result = arrays.computeIfAbsent(array, a -> DeviceArray.allocate(a, strict));
            neutralElements.computeIfAbsent(array, NeutralElement::of).fill(result);
            return;
        }
        boolean isNew = !arrays.containsKey(array);
        boolean every = says(array, Transfer.IN_EVERY_EXECUTION);
        boolean first = says(array, Transfer.IN_FIRST_EXECUTION);
        if (!every && !first && says(array, Transfer.IN_UNDER_DEMAND) && use.firstAccess() == Access.READ_ONLY) {
            throw new HostEngineException(
                    use.firstArgument() + " (" + DeviceObjects.describe(array) + ") of graph " + graph
                            + " is read, but transferred under demand only, which copies nothing to the device");
        }
        if (isNew) {
            boolean inPlace = !strict && first && !every && !isWritten(array);
            arrays.put(array, inPlace ? DeviceArray.inPlace(array) : DeviceArray.allocate(array, strict));
        }
        boolean needsContent = use.firstAccess() != Access.WRITE_ONLY
                && !says(array, Transfer.IN_UNDER_DEMAND);
        if (needsContent && (every || isNew)) {
            meter.in(arrays.get(array));
        }
    }

    /** What the kernels are given for {@code array}. */
    public Object forKernel(Object array) {
        return arrays.get(array).forKernel();
    }

    /**
     * Whether an array ends with the execution: no transfer names it, and a task writes it before one reads it. One that is
     * read is copied in by the first execution, and is there from then on.
     */
    private boolean isLetGo(Object array) {
        ArrayUse use = uses.get(array);
        return !transfers.containsKey(array) && (use == null || use.firstAccess() == Access.WRITE_ONLY);
    }

    /** Copies out what the transfers say, and lets go of arrays that end with the execution. */
    public void copyOut(CopyMeter meter) {
        for (Object array : withTransfer(Transfer.OUT_EVERY_EXECUTION)) {
            if (neutralElements.containsKey(array)) {
                meter.out(arrays.get(array), array, 0, neutralElements.get(array).bytes());
            } else if (isWritten(array)) {
                meter.out(arrays.get(array), array);
            }
        }
        arrays.keySet().removeIf(array -> isLetGo(array) && !DeviceObjects.hasFields(array));
    }

    /** Copies one array out, if this graph holds it, by itself or in an object's fields. */
    public void copyOut(Object array, CopyMeter meter) {
        holderOf(array).ifPresent(holder -> meter.out(holder, array));
    }

    /** Copies {@code size} bytes of one array's elements out, if this graph holds it. */
    public void copyOut(Object array, long offset, long size, CopyMeter meter) {
        holderOf(array).ifPresent(holder -> meter.out(holder, array, offset, size));
    }

    private Optional<DeviceArray> holderOf(Object array) {
        DeviceArray found = arrays.get(array);
        return found == null
                ? arrays.values().stream().filter(a -> !a.isFreed() && a.contains(array)).findFirst()
                : Optional.of(found);
    }

    /** Frees all arrays but the consumed ones; the next execution is the first again. */
    public void free() {
        arrays.forEach((array, onDevice) -> {
            if (!says(array, Transfer.CONSUME)) {
                onDevice.free();
            }
        });
        arrays.clear();
    }

    /** Bytes of device memory that the graph holds now. */
    public long allocatedBytes() {
        return arrays.values().stream().mapToLong(DeviceArray::allocatedBytes).sum();
    }

    /** Whether the next graph may take over {@code array}. */
    private boolean keeps(Object array) {
        return says(array, Transfer.PERSIST) || says(array, Transfer.CONSUME);
    }

    private boolean isWritten(Object array) {
        ArrayUse use = uses.get(array);
        return use != null && use.isWritten();
    }

    private boolean says(Object array, Transfer transfer) {
        return transfers.getOrDefault(array, EnumSet.noneOf(Transfer.class)).contains(transfer);
    }

    private Collection<Object> withTransfer(Transfer transfer) {
        return transfers.keySet().stream().filter(array -> says(array, transfer)).toList();
    }

    private String name(Object array) {
        ArrayUse use = uses.get(array);
        return "graph " + graph + ": " + (use == null ? "an array" : use.firstArgument()) + " ("
                + DeviceObjects.describe(array) + ")";
    }
}
