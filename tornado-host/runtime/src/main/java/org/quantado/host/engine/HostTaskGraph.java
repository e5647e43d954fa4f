package org.quantado.host.engine;

import java.util.Arrays;
import java.util.Collection;
import java.util.Set;

import org.quantado.host.HostEngineException;
import org.quantado.host.HostOptions;
import org.quantado.host.memory.DeviceObjects;
import org.quantado.host.memory.GraphMemory;
import org.quantado.host.memory.Transfer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import uk.ac.manchester.tornado.api.GridScheduler;
import uk.ac.manchester.tornado.api.TornadoTaskGraphInterface;
import uk.ac.manchester.tornado.api.WorkerGrid;
import uk.ac.manchester.tornado.api.common.TaskPackage;
import uk.ac.manchester.tornado.api.common.TornadoDevice;
import uk.ac.manchester.tornado.api.enums.DataTransferMode;
import uk.ac.manchester.tornado.api.enums.TornadoVMBackendType;
import uk.ac.manchester.tornado.api.runtime.ExecutorFrame;
import uk.ac.manchester.tornado.api.types.arrays.TornadoNativeArray;

/**
 * A TaskGraph on the host engine: first the list of tasks and transfers that the user builds, then, as an immutable copy
 * in a plan, what executes them and holds their device memory.
 */
public final class HostTaskGraph extends ProfiledGraph {
    private static final Logger LOG = LoggerFactory.getLogger(HostTaskGraph.class);

    private final GraphDefinition definition;

    private TornadoDevice device = HostRuntime.getTornadoRuntime().getDefaultDevice();
    private GridScheduler grids = new GridScheduler();
    private boolean logThreads;
    private boolean logKernels;

    private GraphMemory memory;
    private long plan;
    private HostTaskGraph executedBefore;

    /** Made by the API, by name. */
    public HostTaskGraph(String name) {
        this(new GraphDefinition(name));
    }

    private HostTaskGraph(GraphDefinition definition) {
        this.definition = definition;
    }

    // The definition

    @Override
    public void addTask(TaskPackage task) {
        definition.add(task);
    }

    @Override
    public void transferToDevice(int mode, Object... objects) {
        Transfer transfer = switch (mode) {
            case DataTransferMode.FIRST_EXECUTION -> Transfer.IN_FIRST_EXECUTION;
            case DataTransferMode.EVERY_EXECUTION -> Transfer.IN_EVERY_EXECUTION;
            case DataTransferMode.UNDER_DEMAND -> Transfer.IN_UNDER_DEMAND;
            default ->
                throw new HostEngineException("graph " + getId() + ": no mode " + mode + " of transferToDevice");
        };
        definition.transferToDevice(transfer, objects);
    }

    @Override
    public void transferToHost(int mode, Object... objects) {
        Transfer transfer = switch (mode) {
            case DataTransferMode.EVERY_EXECUTION -> Transfer.OUT_EVERY_EXECUTION;
            case DataTransferMode.UNDER_DEMAND -> Transfer.PERSIST;
            default ->
                throw new HostEngineException("graph " + getId() + ": no mode " + mode + " of transferToHost");
        };
        definition.transfer("transferToHost", transfer, objects);
    }

    @Override
    public void consumeFromDevice(String sourceTaskGraphName, Object... objects) {
        consumeFromDevice(objects);
    }

    @Override
    public void consumeFromDevice(Object... objects) {
        definition.transfer("consumeFromDevice", Transfer.CONSUME, objects);
    }

    @Override
    public TornadoTaskGraphInterface createImmutableTaskGraph() {
        HostTaskGraph copy = new HostTaskGraph(definition.copy());
        copy.device = device;
        copy.memory = copy.definition.memory();
        return copy;
    }

    // The execution

    @Override
    public TornadoTaskGraphInterface execute(ExecutorFrame frame) {
        if (definition.tasks().isEmpty()) {
            throw new HostEngineException("graph " + getId() + " has no task");
        }
        if (plan != frame.getExecutionPlanId()) {
            plan = frame.getExecutionPlanId();
            memory.free();
        }
        Execution execution = run();
        profile(execution, frame.getProfilerMode());
        return this;
    }

    private Execution run() {
        Execution execution = new Execution();
        boolean strict = HostOptions.strict();
        int threads = HostOptions.threads();
        memory.consumeFrom(executedBefore == null ? null : executedBefore.memory);
        memory.copyIn(strict, execution.copies());
        for (HostTask task : definition.tasks()) {
            WorkerGrid grid = grids.get(task.name());
            log(task, grid, threads);
            execution.timeKernel(task.name(), () -> task.run(memory, grid, threads, strict));
        }
        memory.copyOut(execution.copies());
        execution.end();
        return execution;
    }

    private void log(HostTask task, WorkerGrid grid, int threads) {
        if (logThreads) {
            LOG.info("task {}: {}, {}", task.name(), device.getDeviceName(),
                    grid == null
                            ? threads + " threads"
                            : "global work " + Arrays.toString(grid.getGlobalWork()) + ", local work "
                                    + Arrays.toString(grid.getLocalWork()));
        }
        if (logKernels) {
            LOG.info("task {} stays Java: {}", task.name(), task);
        }
    }

    @Override
    public void setLastExecutedTaskGraph(TornadoTaskGraphInterface lastExecutedTaskGraph) {
        executedBefore = (HostTaskGraph) lastExecutedTaskGraph;
    }

    @Override
    public void syncRuntimeTransferToHost(Object... objects) {
        for (Object object : objects) {
            memory.copyOut(object, profiled().copies());
        }
    }

    @Override
    public void syncRuntimeTransferToHost(Object object, long offset, long partialCopySize) {
        memory.copyOut(object, offset - TornadoNativeArray.ARRAY_HEADER, partialCopySize, profiled().copies());
    }

    @Override
    public void freeDeviceMemory() {
        memory.free();
    }

    @Override
    public void withPreCompilation(ExecutorFrame frame) {
        // kernels are found and analysed when a task is added, and compiled by the JVM while they run
    }

    @Override
    public void waitOn() {
        // an execution ends when all of its work is done
    }

    @Override
    public boolean isFinished() {
        return true;
    }

    // What a plan sets and asks

    @Override
    public TornadoDevice getDevice() {
        return device;
    }

    @Override
    public void setDevice(TornadoDevice device) {
        if (!(device instanceof HostDevice)) {
            throw notSupported("withDevice(" + device.getDeviceName() + ")");
        }
        this.device = device;
    }

    @Override
    public void setDevice(String taskName, TornadoDevice device) {
        setDevice(device);
    }

    @Override
    public TornadoDevice getDeviceForTask(String id) {
        return device;
    }

    @Override
    public void withGridScheduler(GridScheduler gridScheduler) {
        grids = gridScheduler;
    }

    @Override
    public boolean isGridRegistered() {
        return definition.tasks().stream().anyMatch(task -> grids.keySet().contains(task.name()));
    }

    /** Checks what TornadoVM asks of a graph that it runs in batches, which give what one run of the whole gives. */
    @Override
    public void withBatch(String batchSize) {
        BatchSize.of(batchSize);
        Set<Object> arrays = definition.arrayUses().keySet();
        if (arrays.stream().mapToLong(DeviceObjects::bytes).distinct().count() > 1
                || arrays.stream().map(Object::getClass).distinct().count() > 1) {
            throw notSupported("withBatch of arrays of different sizes or types");
        }
    }

    @Override
    public void useDefaultThreadScheduler(boolean use) {
        // how work is spread over the threads is the host engine's own business
    }

    @Override
    public void withThreadInfo() {
        logThreads = true;
    }

    @Override
    public void withoutThreadInfo() {
        logThreads = false;
    }

    @Override
    public void withPrintKernel() {
        logKernels = true;
    }

    @Override
    public void withoutPrintKernel() {
        logKernels = false;
    }

    @Override
    public void withCompilerFlags(TornadoVMBackendType backend, String compilerFlags) {
        // flags are for the backend that they name, and none names this one
    }

    @Override
    public void updateObjectAccess() {
        // a plan with several graphs announces itself; memory that is persisted is kept in any case
    }

    @Override
    public String getId() {
        return definition.name();
    }

    @Override
    public String getTaskGraphName() {
        return definition.name();
    }

    @Override
    public Set<Object> getArgumentsLookup() {
        return definition.transferred();
    }

    @Override
    public Collection<?> getOutputs() {
        return definition.transferred(Transfer.OUT_EVERY_EXECUTION);
    }

    @Override
    public long getCurrentDeviceMemoryUsage() {
        return memory.allocatedBytes();
    }

}
