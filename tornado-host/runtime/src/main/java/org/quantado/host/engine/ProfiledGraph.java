package org.quantado.host.engine;

import uk.ac.manchester.tornado.api.enums.ProfilerMode;

/** A graph that tells where the time of its last execution went. */
abstract class ProfiledGraph extends UnsupportedGraphCalls {
    private Execution profiled = new Execution();

    /** Keeps an execution to tell of, if the plan is profiled at all. */
    final void profile(Execution execution, ProfilerMode mode) {
        profiled = mode == null ? new Execution() : execution;
        if (mode == ProfilerMode.CONSOLE) {
            System.out.print(getProfileLog());
        }
    }

    final Execution profiled() {
        return profiled;
    }

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
        return profiled.toJson(getId());
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
}
