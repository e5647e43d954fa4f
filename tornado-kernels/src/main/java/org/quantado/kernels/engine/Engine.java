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
 * Makes sure that TornadoVM's API has a runtime behind it, set up as this library needs it, before the first
 * TaskGraph is built. Every class here that builds one calls {@link #ensureInstalled}.
 *
 * <p>A process started with an SDK's argument file has a runtime already. Otherwise a runtime on the class path
 * announces itself by the resource {@value #ANNOUNCEMENT}: the three {@code tornado.load.*.implementation} properties
 * that {@code TornadoAPIProvider} reads. TornadoVM reads its other properties when it is first used: those of
 * {@code conf/tornado} are set by then, unless the command line has set them.
 */
public final class Engine {
    /** Where a runtime on the class path says which classes implement TornadoVM's provider interfaces. */
    public static final String ANNOUNCEMENT = "META-INF/quantado/tornado-runtime.properties";
    /** System property that chooses a device, as {@code backend:device} in the numbering of {@code quantado devices}. */
    public static final String DEVICE_PROPERTY = "quantado.device";

    private static final String SETTINGS = "tornado/tornado.properties";
    private static final String OPENCL_SETTINGS = "tornado/opencl.properties";
    private static final String DRIVERS = "tornado.drivers.";
    private static final String OPENCL_DRIVER = DRIVERS + "opencl";
    private static final String ALL_DRIVERS = DRIVERS + "common";
    private static final Pattern BACKEND_AND_DEVICE = Pattern.compile("(\\d{1,4}):(\\d{1,4})");
    private static final String INSTALLED_PROPERTY = "tornado.load.api.implementation";
    private static final Logger LOG = LoggerFactory.getLogger(Engine.class);

    private static boolean installed;
    private static boolean embedded;

    private Engine() {
    }

    /**
     * Installs the runtime found on the class path where the process has none, and TornadoVM's settings.
     *
     * @throws DeviceException if there is neither an SDK nor a runtime on the class path
     */
    public static synchronized void ensureInstalled() {
        if (installed) {
            return;
        }
        try {
            if (System.getProperty(INSTALLED_PROPERTY) == null) {
                setWhereAbsent(announcedRuntime());
                embedded = true;
            }
            if (hasOnlyOpenCl()) {
                setWhereAbsent(Conf.properties(OPENCL_SETTINGS));
            }
            setWhereAbsent(Conf.properties(SETTINGS));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        LOG.debug("TaskGraphs are run by {}", System.getProperty(INSTALLED_PROPERTY));
        installed = true;
    }

    /** Whether TaskGraphs are run by a runtime from the class path, rather than by an SDK's. */
    public static synchronized boolean isEmbedded() {
        ensureInstalled();
        return embedded;
    }

    /**
     * The device that {@value #DEVICE_PROPERTY} names as {@code backend:device}; empty where the runtime chooses.
     *
     * @throws DeviceException if the runtime has no such device
     */
    public static Optional<TornadoDevice> selectedDevice() {
        String selected = System.getProperty(DEVICE_PROPERTY);
        if (selected == null) {
            return Optional.empty();
        }
        ensureInstalled();
        Matcher indices = BACKEND_AND_DEVICE.matcher(selected);
        if (!indices.matches()) {
            throw new DeviceException(
                    "device " + selected + " is not of the form BACKEND:DEVICE, such as 0:0");
        }
        int backend = Integer.parseInt(indices.group(1));
        int device = Integer.parseInt(indices.group(2));
        TornadoRuntime runtime = TornadoRuntimeProvider.getTornadoRuntime();
        if (backend >= runtime.getNumBackends() || device >= runtime.getBackend(backend).getNumDevices()) {
            throw new DeviceException(
                    "device " + selected + " does not exist; quantado devices lists them");
        }
        return Optional.of(runtime.getBackend(backend).getDevice(device));
    }

    /**
     * The device that will be used.
     *
     * @throws DeviceException if {@value #DEVICE_PROPERTY} names one that the runtime does not have
     */
    public static TornadoDevice device() {
        ensureInstalled();
        return selectedDevice().orElseGet(() -> TornadoRuntimeProvider.getTornadoRuntime().getDefaultDevice());
    }

    /** Whether the SDK that the process was started with has OpenCL and no other backend: each has modules of its own. */
    private static boolean hasOnlyOpenCl() {
        return ModuleLayer.boot().findModule(OPENCL_DRIVER).isPresent()
                && ModuleLayer.boot().modules().stream().map(Module::getName).filter(name -> name.startsWith(DRIVERS))
                        .allMatch(name -> name.startsWith(OPENCL_DRIVER) || name.equals(ALL_DRIVERS));
    }

    private static Properties announcedRuntime() throws IOException {
        try (InputStream resource = Engine.class.getClassLoader().getResourceAsStream(ANNOUNCEMENT)) {
            if (resource == null) {
                throw new DeviceException(
                        "no TornadoVM runtime: start java with @$TORNADOVM_HOME/tornado-argfile,"
                                + " or put org.quantado:quantado-tornado-host on the class path");
            }
            Properties announced = new Properties();
            announced.load(resource);
            return announced;
        }
    }

    private static void setWhereAbsent(Properties properties) {
        for (String name : properties.stringPropertyNames()) {
            if (System.getProperty(name) == null) {
                System.setProperty(name, properties.getProperty(name));
            }
        }
    }
}
