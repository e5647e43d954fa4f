package org.quantado.host.engine;

import org.quantado.host.HostEngineException;
import uk.ac.manchester.tornado.api.TornadoSetting;

/** TornadoVM's settings, kept where the host engine's own are: in the system properties. */
public final class HostSettings implements TornadoSetting {
    /** Made by the API, by name. */
    public HostSettings() {
    }

    @Override
    public void setTornadoProperty(String key, String value) {
        System.setProperty(key, value);
    }

    @Override
    public String getTornadoProperty(String key) {
        return System.getProperty(key);
    }

    @Override
    public String getTornadoProperty(String key, String defaultValue) {
        return System.getProperty(key, defaultValue);
    }

    @Override
    public void loadTornadoProperty(String property) {
        throw HostEngineException.notSupported("TornadoRuntimeProvider.loadSettings");
    }
}
