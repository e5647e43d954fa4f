package org.quantado.kernels.matmul;

import java.util.Locale;

import org.quantado.kernels.engine.Conf;
import org.quantado.kernels.engine.Engine;

import uk.ac.manchester.tornado.api.common.TornadoDevice;
import uk.ac.manchester.tornado.api.enums.TornadoDeviceType;

/** Where in {@code conf/} the settings of a device are. */
public final class DeviceFile {
    private static final String FOLDER = "devices/";
    private static final String SUFFIX = ".properties";

    private DeviceFile() {
    }

    /** The file that is read: the device's own where there is one, else that of its class. */
    static String inUse(TornadoDevice device) {
        String own = own(device);
        return Conf.exists(own) ? own : ofClass(device);
    }

    /** The file of a device alone, named after its backend and what it calls itself: path below {@code conf/}. */
    public static String own(TornadoDevice device) {
        String backend = plain(device.getTornadoVMBackend().name());
        String name = plain(device.getPhysicalDevice().getDeviceName());
        return FOLDER + (name.startsWith(backend + "-") ? name : backend + "-" + name) + SUFFIX;
    }

    private static String plain(String name) {
        return name.toLowerCase(Locale.ROOT).replaceAll("[^a-z0-9]+", "-").replaceAll("^-|-$", "");
    }

    /** The file of all devices of a kind. */
    private static String ofClass(TornadoDevice device) {
        String kind = device.getDeviceType() == TornadoDeviceType.CPU ? "cpu" : "gpu";
        return FOLDER + (Engine.isEmbedded() ? "host" : kind) + SUFFIX;
    }
}
