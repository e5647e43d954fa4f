package org.quantado.host.engine;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;

import org.quantado.host.HostEngineException;
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
 * @param work
 *            what runs it
 */
record HostTask(String name, KernelMethod kernel, List<Object> arguments, int captured, TaskWork work) {

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
        return new HostTask(name, kernel, List.copyOf(arguments), captured.size(),
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

    /** What the kernel does with each array among the arguments. */
    IdentityHashMap<Object, ArrayUse> arrayUses() {
        IdentityHashMap<Object, ArrayUse> uses = new IdentityHashMap<>();
        for (int i = 0; i < arguments.size(); i++) {
            Access access = kernel.use().access().get(i);
            if (isOnDevice(i)) {
                String argument = "task " + name
                        + (i < captured ? " captured value " + (i + 1) : " argument " + (i - captured + 1));
                uses.merge(arguments.get(i), ArrayUse.of(argument, access, kernel.isResult(i)), ArrayUse::together);
            }
        }
        return uses;
    }

    /** Whether an argument is on the device; an object that a method only belongs to need not be. */
    private boolean isOnDevice(int argument) {
        return DeviceObjects.canHold(arguments.get(argument))
                && (argument >= captured || kernel.use().access().get(argument) != Access.NONE);
    }

    void run(GraphMemory memory, WorkerGrid grid, int threads, boolean strict) {
        Object[] onDevice = new Object[arguments.size()];
        Arrays.setAll(onDevice,
                i -> isOnDevice(i) ? memory.forKernel(arguments.get(i)) : arguments.get(i));
        try {
            work.run(onDevice, grid, threads, strict);
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
