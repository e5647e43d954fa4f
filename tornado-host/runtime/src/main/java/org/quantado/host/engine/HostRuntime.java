package org.quantado.host.engine;

import org.quantado.host.HostEngineException;
import uk.ac.manchester.tornado.api.TornadoBackend;
import uk.ac.manchester.tornado.api.TornadoRuntime;
import uk.ac.manchester.tornado.api.common.TornadoDevice;
import uk.ac.manchester.tornado.api.enums.TornadoVMBackendType;
import uk.ac.manchester.tornado.api.exceptions.TornadoBackendNotFound;

/** The runtime of the host engine: one backend with one device. */
public final class HostRuntime implements TornadoRuntime {
    private static final HostRuntime INSTANCE = new HostRuntime();

    private final HostBackend backend = new HostBackend();

    private HostRuntime() {
    }

    /** Called by the API, by name. */
    public static TornadoRuntime getTornadoRuntime() {
        return INSTANCE;
    }

    @Override
    public TornadoBackend getBackend(int index) {
        requireOnly(index);
        return backend;
    }

    @Override
    public void setDefaultBackend(int index) {
        requireOnly(index);
    }

    @Override
    public TornadoVMBackendType getBackendType(int index) {
        requireOnly(index);
        return backend.getBackendType();
    }

    @Override
    public <D extends TornadoBackend> D getBackend(Class<D> type) {
        if (!type.isInstance(backend)) {
            throw HostEngineException.notSupported("backend " + type.getName());
        }
        return type.cast(backend);
    }

    @Override
    public int getNumBackends() {
        return 1;
    }

    @Override
    public TornadoDevice getDefaultDevice() {
        return backend.getDefaultDevice();
    }

    @Override
    public <D extends TornadoBackend> int getBackendIndex(Class<D> type) {
        return type.isInstance(backend) ? 0 : -1;
    }

    @Override
    public boolean isProfilerEnabled() {
        return false;
    }

    @Override
    public boolean isPowerMonitoringEnabled() {
        return false;
    }

    @Override
    public long getPowerMetric() {
        throw HostEngineException.notSupported("TornadoRuntime.getPowerMetric");
    }

    private static void requireOnly(int index) {
        if (index != 0) {
            throw new TornadoBackendNotFound("no backend " + index + ": the host engine has one, backend 0");
        }
    }
}
