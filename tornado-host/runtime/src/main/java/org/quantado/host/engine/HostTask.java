package org.quantado.host.engine;

import java.util.Arrays;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;

import org.quantado.host.HostEngineException;
import org.quantado.host.kernel.KernelMethod;
import org.quantado.host.memory.ArrayArgument;
import org.quantado.host.memory.ArrayUse;
import org.quantado.host.memory.GraphMemory;
import org.quantado.host.work.KernelFailure;
import org.quantado.host.work.TaskWork;
import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.WorkerGrid;
import uk.ac.manchester.tornado.api.common.TaskPackage;

/**
 * A task of a graph: a kernel and the user's arguments for it.
 *
 * @param name
 *            graph and task: {@code graph.task}
 */
record HostTask(String name, KernelMethod kernel, List<Object> arguments) {

    static HostTask of(String graph, TaskPackage task) {
        Object[] lambdaAndArguments = task.getTaskParameters();
        String name = graph + '.' + task.getId();
        for (int i = 1; i < lambdaAndArguments.length; i++) {
            Object argument = lambdaAndArguments[i];
            if (argument == null) {
                throw new HostEngineException("task " + name + " argument " + i + " is null");
            }
            if (!ArrayArgument.isArray(argument) && !KernelMethod.isConstant(argument)
                    && !(argument instanceof KernelContext)) {
                throw HostEngineException.notSupported(
                        "task " + name + " argument " + i + ": " + argument.getClass().getName());
            }
        }
        List<Object> arguments = List
                .of(Arrays.copyOfRange(lambdaAndArguments, 1, lambdaAndArguments.length));
        return new HostTask(name, KernelMethod.of(lambdaAndArguments[0], arguments), arguments);
    }

    /** What the kernel does with each array among the arguments. */
    IdentityHashMap<Object, ArrayUse> arrayUses() {
        IdentityHashMap<Object, ArrayUse> uses = new IdentityHashMap<>();
        for (int i = 0; i < arguments.size(); i++) {
            if (ArrayArgument.isArray(arguments.get(i))) {
                String argument = "task " + name + " argument " + (i + 1);
                uses.merge(arguments.get(i), ArrayUse.of(argument, kernel.use().access().get(i)),
                        ArrayUse::together);
            }
        }
        return uses;
    }

    void run(GraphMemory memory, WorkerGrid grid, int threads, boolean strict) {
        Object[] onDevice = arguments.stream().map(a -> ArrayArgument.isArray(a) ? memory.forKernel(a) : a)
                .toArray();
        try {
            TaskWork.run(name, kernel, onDevice, grid, threads, strict);
        } catch (KernelFailure failure) {
            throw new HostEngineException("task " + name + " (kernel " + kernel.name() + ") failed in "
                    + failure.getMessage() + ": " + failure.getCause(), failure.getCause());
        }
    }

    @Override
    public String toString() {
        return name + " = " + kernel.name() + arguments.stream().map(ArrayArgument::describe).toList();
    }
}
