package org.quantado.host.engine;

import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

import org.quantado.host.HostEngineException;
import uk.ac.manchester.tornado.api.TornadoTaskGraphInterface;
import uk.ac.manchester.tornado.api.common.SchedulableTask;
import uk.ac.manchester.tornado.api.common.TaskPackage;
import uk.ac.manchester.tornado.api.common.TornadoDevice;
import uk.ac.manchester.tornado.api.runtime.TaskContextInterface;

/** What a graph of the API can be asked and the host engine does not do. */
abstract class UnsupportedGraphCalls implements TornadoTaskGraphInterface {
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

    final HostEngineException notSupported(String call) {
        return HostEngineException.notSupported(call + " (graph " + getId() + ")");
    }
}
