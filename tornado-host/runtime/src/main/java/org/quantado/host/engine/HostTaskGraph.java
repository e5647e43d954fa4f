package org.quantado.host.engine;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.EnumSet;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;

import org.quantado.host.HostEngineException;
import org.quantado.host.HostOptions;
import org.quantado.host.memory.ArrayArgument;
import org.quantado.host.memory.ArrayUse;
import org.quantado.host.memory.GraphMemory;
import org.quantado.host.memory.Transfer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import uk.ac.manchester.tornado.api.GridScheduler;
import uk.ac.manchester.tornado.api.TornadoTaskGraphInterface;
import uk.ac.manchester.tornado.api.WorkerGrid;
import uk.ac.manchester.tornado.api.common.SchedulableTask;
import uk.ac.manchester.tornado.api.common.TaskPackage;
import uk.ac.manchester.tornado.api.common.TornadoDevice;
import uk.ac.manchester.tornado.api.enums.DataTransferMode;
import uk.ac.manchester.tornado.api.enums.ProfilerMode;
import uk.ac.manchester.tornado.api.enums.TornadoVMBackendType;
import uk.ac.manchester.tornado.api.runtime.ExecutorFrame;
import uk.ac.manchester.tornado.api.runtime.TaskContextInterface;
import uk.ac.manchester.tornado.api.types.arrays.TornadoNativeArray;

/**
 * A TaskGraph on the host engine: first the list of tasks and transfers that the user builds, then, as an immutable copy
 * in a plan, what executes them and holds their device memory.
 */
public final class HostTaskGraph implements TornadoTaskGraphInterface {
    private static final Logger LOG = LoggerFactory.getLogger(HostTaskGraph.class);

    private final String name;
    private final List<HostTask> tasks = new ArrayList<>();
    private final IdentityHashMap<Object, Set<Transfer>> transfers = new IdentityHashMap<>();

    private TornadoDevice device = HostRuntime.getTornadoRuntime().getDefaultDevice();
    private GridScheduler grids = new GridScheduler();
    private boolean logThreads;
    private boolean logKernels;

    private GraphMemory memory;
    private long plan;
    private HostTaskGraph executedBefore;
    private Execution profiled = new Execution();

    /** Made by the API, by name. */
    public HostTaskGraph(String name) {
        this.name = name;
    }

    // The definition

    @Override
    public void addTask(TaskPackage task) {
        tasks.add(HostTask.of(name, task));
    }

    @Override
    public void transferToDevice(int mode, Object... objects) {
        Transfer transfer = switch (mode) {
            case DataTransferMode.FIRST_EXECUTION -> Transfer.IN_FIRST_EXECUTION;
            case DataTransferMode.EVERY_EXECUTION -> Transfer.IN_EVERY_EXECUTION;
            case DataTransferMode.UNDER_DEMAND -> Transfer.IN_UNDER_DEMAND;
            default ->
                throw new HostEngineException("graph " + name + ": no mode " + mode + " of transferToDevice");
        };
        for (Object object : objects) {
            if (!(object instanceof Number)) {
                declare("transferToDevice", transfer, object);
            }
        }
    }

    @Override
    public void transferToHost(int mode, Object... objects) {
        Transfer transfer = switch (mode) {
            case DataTransferMode.EVERY_EXECUTION -> Transfer.OUT_EVERY_EXECUTION;
            case DataTransferMode.UNDER_DEMAND -> Transfer.PERSIST;
            default ->
                throw new HostEngineException("graph " + name + ": no mode " + mode + " of transferToHost");
        };
        for (Object object : objects) {
            declare("transferToHost", transfer, object);
        }
    }

    @Override
    public void consumeFromDevice(String sourceTaskGraphName, Object... objects) {
        consumeFromDevice(objects);
    }

    @Override
    public void consumeFromDevice(Object... objects) {
        for (Object object : objects) {
            declare("consumeFromDevice", Transfer.CONSUME, object);
        }
    }

    private void declare(String call, Transfer transfer, Object object) {
        if (object == null || !ArrayArgument.isArray(object)) {
            throw new HostEngineException("graph " + name + ": " + call + " of "
                    + (object == null ? "null" : "a " + object.getClass().getName()) + "; expected an array");
        }
        transfers.computeIfAbsent(object, _ -> EnumSet.noneOf(Transfer.class)).add(transfer);
    }

    @Override
    public TornadoTaskGraphInterface createImmutableTaskGraph() {
        HostTaskGraph copy = new HostTaskGraph(name);
        copy.tasks.addAll(tasks);
        transfers.forEach((array, said) -> copy.transfers.put(array, EnumSet.copyOf(said)));
        copy.device = device;
        copy.memory = new GraphMemory(name, copy.transfers, copy.arrayUses());
        return copy;
    }

    private IdentityHashMap<Object, ArrayUse> arrayUses() {
        IdentityHashMap<Object, ArrayUse> uses = new IdentityHashMap<>();
        for (HostTask task : tasks) {
            task.arrayUses().forEach((array, use) -> uses.merge(array, use, ArrayUse::then));
        }
        return uses;
    }

    // The execution

    @Override
    public TornadoTaskGraphInterface execute(ExecutorFrame frame) {
        if (frame.getDynamicReconfigurationPolicy() != null) {
            throw notSupported("withDynamicReconfiguration");
        }
        if (tasks.isEmpty()) {
            throw new HostEngineException("graph " + name + " has no task");
        }
        if (plan != frame.getExecutionPlanId()) {
            plan = frame.getExecutionPlanId();
            memory.free();
        }
        Execution execution = run();
        profiled = frame.getProfilerMode() == null ? new Execution() : execution;
        if (frame.getProfilerMode() == ProfilerMode.CONSOLE) {
            System.out.print(getProfileLog());
        }
        return this;
    }

    private Execution run() {
        Execution execution = new Execution();
        boolean strict = HostOptions.strict();
        int threads = HostOptions.threads();
        memory.consumeFrom(executedBefore == null ? null : executedBefore.memory);
        memory.copyIn(strict, execution.copies());
        for (HostTask task : tasks) {
            WorkerGrid grid = grids.get(task.name());
            log(task, grid, threads);
            execution.timeKernel(() -> task.run(memory, grid, threads, strict));
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
            memory.copyOut(object, profiled.copies());
        }
    }

    @Override
    public void syncRuntimeTransferToHost(Object object, long offset, long partialCopySize) {
        memory.copyOut(object, offset - TornadoNativeArray.ARRAY_HEADER, partialCopySize, profiled.copies());
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
        return tasks.stream().anyMatch(task -> grids.keySet().contains(task.name()));
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
        return name;
    }

    @Override
    public String getTaskGraphName() {
        return name;
    }

    @Override
    public Set<Object> getArgumentsLookup() {
        return transfers.keySet();
    }

    @Override
    public Collection<?> getOutputs() {
        return transfers.entrySet().stream().filter(e -> e.getValue().contains(Transfer.OUT_EVERY_EXECUTION))
                .map(Map.Entry::getKey).toList();
    }

    @Override
    public long getCurrentDeviceMemoryUsage() {
        return memory.allocatedBytes();
    }

    // The profiler

    @Override
    public void enableProfiler(ProfilerMode profilerMode) {
        // each execution is told by its frame
    }

    @Override
    public void disableProfiler() {
        profiled = new Execution();
    }

    @Override
    public long getTotalTime() {
        return profiled.totalNanos();
    }

    /** Zero: the JVM compiles while kernels run. */
    @Override
    public long getCompileTime() {
        return 0;
    }

    @Override
    public long getTornadoCompilerTime() {
        return 0;
    }

    @Override
    public long getDriverInstallTime() {
        return 0;
    }

    @Override
    public long getDataTransfersTime() {
        return getDeviceWriteTime() + getDeviceReadTime();
    }

    @Override
    public long getDeviceWriteTime() {
        return profiled.copies().nanosIn();
    }

    @Override
    public long getDeviceReadTime() {
        return profiled.copies().nanosOut();
    }

    @Override
    public long getDataTransferDispatchTime() {
        return 0;
    }

    @Override
    public long getKernelDispatchTime() {
        return 0;
    }

    @Override
    public long getDeviceKernelTime() {
        return profiled.kernelNanos();
    }

    @Override
    public String getProfileLog() {
        return profiled.toJson(name);
    }

    @Override
    public long getTotalBytesCopyIn() {
        return profiled.copies().bytesIn();
    }

    @Override
    public long getTotalBytesCopyOut() {
        return profiled.copies().bytesOut();
    }

    @Override
    public long getTotalBytesTransferred() {
        return getTotalBytesCopyIn() + getTotalBytesCopyOut();
    }

    @Override
    public long getTotalDeviceMemoryUsage() {
        return getCurrentDeviceMemoryUsage();
    }

    @Override
    public void clearProfiles() {
        profiled = new Execution();
    }

    @Override
    public void dumpProfiles() {
        System.out.print(getProfileLog());
    }

    // What the host engine has not

    @Override
    public void withBatch(String batchSize) {
        throw notSupported("withBatch");
    }

    @Override
    public void withMemoryLimit(String memoryLimit) {
        throw notSupported("withMemoryLimit");
    }

    @Override
    public void withoutMemoryLimit() {
        // there is never one
    }

    @Override
    public void withConcurrentDevices() {
        throw notSupported("withConcurrentDevices");
    }

    @Override
    public void withoutConcurrentDevices() {
        // there is one device
    }

    @Override
    public void mapOnDeviceMemoryRegion(Object destination, Object source, long offset,
            TornadoTaskGraphInterface sourceGraph) {
        throw notSupported("mapOnDeviceMemoryRegion");
    }

    @Override
    public void addPrebuiltTask(TaskPackage task) {
        throw notSupported("prebuiltTask");
    }

    @Override
    public SchedulableTask getTask(String id) {
        throw notSupported("getTask");
    }

    @Override
    public void addInner(SchedulableTask task) {
        throw notSupported("addInner");
    }

    @Override
    public void scheduleInner() {
        throw notSupported("scheduleInner");
    }

    @Override
    public void apply(Consumer<SchedulableTask> consumer) {
        throw notSupported("apply");
    }

    @Override
    public void mapAllToInner(TornadoDevice target) {
        throw notSupported("mapAllToInner");
    }

    @Override
    public boolean isLastDeviceListEmpty() {
        throw notSupported("isLastDeviceListEmpty");
    }

    @Override
    public void updatePersistedObjectState() {
        throw notSupported("updatePersistedObjectState");
    }

    @Override
    public Map<String, List<Object>> getPersistedTaskToObjectsMap() {
        throw notSupported("getPersistedTaskToObjectsMap");
    }

    @Override
    public TaskContextInterface meta() {
        throw notSupported("meta");
    }

    @Override
    public void dump() {
        throw notSupported("dump");
    }

    @Override
    public void dumpTimes() {
        throw notSupported("dumpTimes");
    }

    @Override
    public void dumpEvents() {
        throw notSupported("dumpEvents");
    }

    private HostEngineException notSupported(String call) {
        return HostEngineException.notSupported(call + " (graph " + name + ")");
    }
}
