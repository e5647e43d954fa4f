package org.quantado.kernels.matmul;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Properties;

import org.quantado.kernels.engine.Conf;
import org.quantado.kernels.engine.Engine;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import uk.ac.manchester.tornado.api.common.TornadoDevice;
import uk.ac.manchester.tornado.api.enums.TornadoDeviceType;
import uk.ac.manchester.tornado.api.enums.TornadoVMBackendType;
import uk.ac.manchester.tornado.api.runtime.TornadoRuntimeProvider;

/**
 * Which flavour multiplies, and why.
 *
 * @param flavour what is used for every weight that it has kernels for; for others {@link Flavour#PORTABLE} is
 * @param reason a clause that says why
 */
public record FlavourChoice(Flavour flavour, String reason) {
    /** System property that forces a flavour, by its name in any case. */
    public static final String FLAVOUR_PROPERTY = "quantado.flavour";

    private static final String VECTOR_MODULE = "jdk.incubator.vector";
    private static final Logger LOG = LoggerFactory.getLogger(FlavourChoice.class);

    /**
     * The flavour that {@value #FLAVOUR_PROPERTY} forces, else that of the device's class in {@code conf/devices}.
     *
     * @throws IllegalArgumentException if there is no such flavour, or it does not run on the device
     */
    public static FlavourChoice forDevice() {
        String forced = System.getProperty(FLAVOUR_PROPERTY);
        if (forced != null) {
            return asked(forced);
        }
        String device = deviceClass();
        String file = "devices/" + device + ".properties";
        Flavour flavour = named(settings(file).getProperty("flavour"), "conf/" + file);
        return hindrance(flavour).map(why -> new FlavourChoice(Flavour.PORTABLE, "not " + flavour + ", because " + why))
                .orElseGet(() -> new FlavourChoice(flavour, "conf/" + file));
    }

    private static FlavourChoice asked(String name) {
        Flavour flavour = named(name, "-D" + FLAVOUR_PROPERTY);
        hindrance(flavour).ifPresent(why -> {
            throw new IllegalArgumentException("flavour " + name + " cannot be used: " + why);
        });
        return new FlavourChoice(flavour, "asked for");
    }

    /** Why a flavour does not run on the selected device; empty if it does. */
    public static Optional<String> hindrance(Flavour flavour) {
        return switch (flavour) {
            case PORTABLE, GPU -> Optional.empty();
            case CPU -> Engine.isEmbedded() || device().getTornadoVMBackend() == TornadoVMBackendType.OPENCL
                    ? Optional.empty()
                    : Optional.of("vectors of 16 are for the host engine and OpenCL");
            case HOST -> {
                if (!Engine.isEmbedded()) {
                    yield Optional.of("it is for the host engine");
                }
                yield ModuleLayer.boot().findModule(VECTOR_MODULE).isPresent()
                        ? Optional.empty()
                        : Optional.of("java was started without --add-modules " + VECTOR_MODULE);
            }
        };
    }

    /** The weight in the layout of this flavour, or of the portable one where this has no kernels for its codes. */
    public Matmul prepare(ExpertWeights weights) {
        return flavour.prepare(weights).orElseGet(() -> {
            LOG.info("Flavour {} has no kernels for codes with these values; the portable one is used", flavour);
            return new PortableMatmul(ExpertStack.of(weights));
        });
    }

    /** The settings of the selected device's class. */
    private static Properties settings(String file) {
        try {
            return Conf.properties(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String deviceClass() {
        if (Engine.isEmbedded()) {
            return "host";
        }
        return device().getDeviceType() == TornadoDeviceType.CPU ? "cpu" : "gpu";
    }

    private static TornadoDevice device() {
        return Engine.selectedDevice().orElseGet(() -> TornadoRuntimeProvider.getTornadoRuntime().getDefaultDevice());
    }

    private static Flavour named(String name, String source) {
        for (Flavour flavour : Flavour.values()) {
            if (flavour.name().equalsIgnoreCase(name)) {
                return flavour;
            }
        }
        throw new IllegalArgumentException(source + ": no flavour " + name + "; expected one of "
                + List.of(Flavour.values()).toString().toLowerCase(Locale.ROOT));
    }
}
