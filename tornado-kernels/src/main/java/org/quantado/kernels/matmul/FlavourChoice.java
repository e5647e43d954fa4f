package org.quantado.kernels.matmul;

import java.util.Optional;

import org.quantado.kernels.engine.ConfException;
import org.quantado.kernels.engine.Engine;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Which flavour multiplies, and why.
 *
 * @param settings what is used for every weight that the flavour has kernels for; for others {@link Flavour#PORTABLE} is
 * @param reason a clause that says why
 */
public record FlavourChoice(DeviceSettings settings, String reason) {
    /** System property that forces a flavour, by its name in any case. */
    public static final String FLAVOUR_PROPERTY = "quantado.flavour";

    private static final Logger LOG = LoggerFactory.getLogger(FlavourChoice.class);

    /** A flavour as it is used where nothing else is known. */
    public FlavourChoice(Flavour flavour, String reason) {
        this(DeviceSettings.of(flavour), reason);
    }

    /**
     * The flavour that {@value #FLAVOUR_PROPERTY} forces, else that of the device's own file in {@code conf/devices} or of
     * the file of its class.
     *
     * @throws IllegalArgumentException if there is no such flavour, or it does not run on the device
     * @throws ConfException if the file is not as it should be
     */
    public static FlavourChoice forDevice() {
        String file = DeviceFile.inUse(Engine.device());
        DeviceSettings settings = DeviceSettings.read(file);
        String forced = System.getProperty(FLAVOUR_PROPERTY);
        if (forced != null) {
            return new FlavourChoice(settings.ofFlavour(asked(forced)), "asked for");
        }
        return settings.flavour().hindrance()
                .map(why -> new FlavourChoice(Flavour.PORTABLE, "not " + settings.flavour() + ", because " + why))
                .orElseGet(() -> new FlavourChoice(settings, "conf/" + file));
    }

    private static Flavour asked(String name) {
        Flavour flavour = Flavour.named(name).orElseThrow(() -> new IllegalArgumentException("-D" + FLAVOUR_PROPERTY
                + ": no flavour " + name + "; expected one of " + Flavour.names()));
        flavour.hindrance().ifPresent(why -> {
            throw new IllegalArgumentException("flavour " + name + " cannot be used: " + why);
        });
        return flavour;
    }

    /** Of the settings. */
    public Flavour flavour() {
        return settings.flavour();
    }

    /** The weight in the layout of this flavour, or of the portable one where this has no kernels for its codes. */
    public Matmul prepare(ExpertWeights weights) {
        if (weights.holdFloats()) {
            return FloatMatmul.of(weights, flavour());
        }
        if (weights instanceof ExpertMatrix matrix && matrix.stacked().columnOrder().isEmpty()) {
            return prepareInOrder(matrix);
        }
        ColumnOrders orders = new ColumnOrders(weights);
        return orders.applyTo(prepareInOrder(orders));
    }

    private Matmul prepareInOrder(ExpertWeights weights) {
        return flavour().prepare(weights, settings).or(() -> {
            LOG.info("Flavour {} has no kernels for codes with these values; the portable one is used", flavour());
            return Flavour.PORTABLE.prepare(weights, DeviceSettings.of(Flavour.PORTABLE));
        }).orElseThrow();
    }
}
