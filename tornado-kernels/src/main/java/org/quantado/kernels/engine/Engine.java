package org.quantado.kernels.engine;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Optional;
import java.util.Properties;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import uk.ac.manchester.tornado.api.TornadoRuntime;
import uk.ac.manchester.tornado.api.common.TornadoDevice;
import uk.ac.manchester.tornado.api.runtime.TornadoRuntimeProvider;

/**
 * Makes sure that TornadoVM's API has a runtime behind it before the first TaskGraph is built.
 *
 * <p>A process started with an SDK's argument file has one already. Otherwise a runtime on the class path announces
 * itself by the resource {@value #ANNOUNCEMENT}: the three {@code tornado.load.*.implementation} properties that
 * {@code TornadoAPIProvider} reads. Every class of this library that builds a TaskGraph calls {@link #ensureInstalled}.
 */
public final class Engine {
    /** Where a runtime on the class path says which classes implement TornadoVM's provider interfaces. */
    public static final String ANNOUNCEMENT = "META-INF/quantado/tornado-runtime.properties";

    /** System property that chooses a device, as {@code backend:device} in the numbering of {@code quantado devices}. */
    public static final String DEVICE_PROPERTY = "quantado.device";

    private static final Pattern BACKEND_AND_DEVICE = Pattern.compile("(\\d{1,4}):(\\d{1,4})");
    private static final String INSTALLED_PROPERTY = "tornado.load.api.implementation";
    private static final Logger LOG = LoggerFactory.getLogger(Engine.class);

    private Engine() {
    }

    /**
     * Installs the runtime found on the class path where the process has none; otherwise does nothing.
     *
     * @throws IllegalStateException if there is neither an SDK nor a runtime on the class path
     */
    public static synchronized void ensureInstalled() {
        if (System.getProperty(INSTALLED_PROPERTY) != null) {
            return;
        }
        Properties announced = announcedRuntime();
        announced.forEach((key, value) -> System.setProperty((String) key, (String) value));
        LOG.debug("No TornadoVM SDK on the command line: {} is used", System.getProperty(INSTALLED_PROPERTY));
    }

    /**
     * The device that {@value #DEVICE_PROPERTY} names as {@code backend:device}; empty where the runtime chooses.
     *
     * @throws IllegalArgumentException if the runtime has no such device
     */
    public static Optional<TornadoDevice> selectedDevice() {
        String selected = System.getProperty(DEVICE_PROPERTY);
        if (selected == null) {
            return Optional.empty();
        }
        ensureInstalled();
        Matcher indices = BACKEND_AND_DEVICE.matcher(selected);
        if (!indices.matches()) {
            throw new IllegalArgumentException(
                    "device " + selected + " is not of the form BACKEND:DEVICE, such as 0:0");
        }
        int backend = Integer.parseInt(indices.group(1));
        int device = Integer.parseInt(indices.group(2));
        TornadoRuntime runtime = TornadoRuntimeProvider.getTornadoRuntime();
        if (backend >= runtime.getNumBackends() || device >= runtime.getBackend(backend).getNumDevices()) {
            throw new IllegalArgumentException(
                    "device " + selected + " does not exist; quantado devices lists them");
        }
        return Optional.of(runtime.getBackend(backend).getDevice(device));
    }

    private static Properties announcedRuntime() {
        try (InputStream resource = Engine.class.getClassLoader().getResourceAsStream(ANNOUNCEMENT)) {
            if (resource == null) {
                throw new IllegalStateException(
                        "no TornadoVM runtime: start java with @$TORNADOVM_HOME/tornado-argfile,"
                                + " or put org.quantado:tornado-host on the class path");
            }
            Properties announced = new Properties();
            announced.load(resource);
            return announced;
        } catch (IOException e) {
            throw new UncheckedIOException(ANNOUNCEMENT, e);
        }
    }
}
