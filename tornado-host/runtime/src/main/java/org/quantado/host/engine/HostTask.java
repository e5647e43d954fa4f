package org.quantado.host.engine;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;

import org.quantado.host.HostEngineException;
import org.quantado.host.HostOptions;
import org.quantado.host.kernel.KernelMethod;
import org.quantado.host.memory.DeviceObjects;
import org.quantado.host.memory.ArrayUse;
import org.quantado.host.memory.GraphMemory;
import org.quantado.host.work.KernelFailure;
import org.quantado.host.work.TaskWork;
import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.WorkerGrid;
import uk.ac.manchester.tornado.api.common.Access;
import uk.ac.manchester.tornado.api.common.TaskPackage;

/**
 * A task of a graph: a kernel and the user's arguments for it.
 *
 * @param name
 *            graph and task: {@code graph.task}
 * @param arguments
 *            the values that the kernel's lambda captures, then those that the task is given
 * @param captured
 *            how many of them are captured
 * @param onDevice
 *            which of the arguments the device holds; an object that a method only belongs to need not be there
 * @param work
 *            what runs it
 */
record HostTask(String name, KernelMethod kernel, List<Object> arguments, int captured, BitSet onDevice,
        TaskWork work) {

    static HostTask of(String graph, TaskPackage task) {
        Object[] lambdaAndArguments = task.getTaskParameters();
        String name = graph + '.' + task.getId();
        for (int i = 1; i < lambdaAndArguments.length; i++) {
            requireKernelArgument(name + " argument " + i, lambdaAndArguments[i]);
        }
        Object lambda = lambdaAndArguments[0];
        List<Object> given = List.of(Arrays.copyOfRange(lambdaAndArguments, 1, lambdaAndArguments.length));
        KernelMethod kernel = KernelMethod.of(lambda, given);
        List<Object> captured = KernelMethod.captured(lambda);
        List<Object> arguments = new ArrayList<>(captured);
        arguments.addAll(given);
        BitSet onDevice = new BitSet();
        for (int i = 0; i < arguments.size(); i++) {
            onDevice.set(i, DeviceObjects.canHold(arguments.get(i))
                    && (i >= captured.size() || kernel.use().access().get(i) != Access.NONE));
        }
        return new HostTask(name, kernel, List.copyOf(arguments), captured.size(), onDevice,
                new TaskWork(name, kernel));
    }

    private static void requireKernelArgument(String what, Object argument) {
        if (argument == null) {
            throw new HostEngineException("task " + what + " is null");
        }
        if (!DeviceObjects.canHold(argument) && !KernelMethod.isConstant(argument)
                && !(argument instanceof KernelContext)) {
            throw HostEngineException.notSupported("task " + what + ": " + argument.getClass().getName());
        }
    }

    /** What the kernel does with each array among the arguments; in strict mode, what it does for certain. */
    IdentityHashMap<Object, ArrayUse> arrayUses() {
        List<Access> accesses = HostOptions.strict() ? kernel.use().accessInAnyOrder() : kernel.use().access();
        IdentityHashMap<Object, ArrayUse> uses = new IdentityHashMap<>();
        for (int i = 0; i < arguments.size(); i++) {
            Access access = accesses.get(i);
            if (onDevice.get(i)) {
                String argument = "task " + name
                        + (i < captured ? " captured value " + (i + 1) : " argument " + (i - captured + 1));
                uses.merge(arguments.get(i), ArrayUse.of(argument, access, kernel.isResult(i)), ArrayUse::together);
            }
        }
        return uses;
    }

    void run(GraphMemory memory, WorkerGrid grid, int threads, boolean strict) {
        Object[] forKernel = arguments.toArray();
        for (int i = onDevice.nextSetBit(0); i >= 0; i = onDevice.nextSetBit(i + 1)) {
            forKernel[i] = memory.forKernel(forKernel[i]);
        }
        try {
            work.run(forKernel, grid, threads, strict);
        } catch (KernelFailure failure) {
            throw new HostEngineException("task " + name + " (kernel " + kernel.name() + ") failed in "
                    + failure.getMessage() + ": " + failure.getCause(), failure.getCause());
        }
    }

    @Override
    public String toString() {
        return name + " = " + kernel.name() + arguments.stream().map(DeviceObjects::describe).toList();
    }
}
