package org.quantado.kernels.matmul;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

import org.quantado.kernels.matmul.cpu.CpuFlavour;
import org.quantado.kernels.matmul.gpu.GpuFlavour;
import org.quantado.kernels.matmul.host.HostFlavour;
import org.quantado.kernels.matmul.portable.PortableFlavour;

/** Ways in which the product is written: same arguments, same result within rounding. */
public enum Flavour {
    /** Plain parallel loops: for any device and any weight. */
    PORTABLE,
    /** Vector types over tiles of 16 rows: for CPU devices. */
    CPU,
    /** Work-groups that share rows and tiles in local memory: for GPUs. */
    GPU,
    /** The JVM's vectors over the same tiles: for the host engine, which runs kernels as Java. */
    HOST;

    /** The flavour of this name, in any case. */
    static Optional<Flavour> named(String name) {
        return Arrays.stream(values()).filter(flavour -> flavour.name().equalsIgnoreCase(name)).findFirst();
    }

    /** All of them, for a message. */
    static String names() {
        return Arrays.toString(values()).toLowerCase(Locale.ROOT);
    }

    /** How many rows of x are multiplied together where nothing else is said. */
    public BlockSizes usualBlocks() {
        return kernels().usualBlocks();
    }

    /** The sizes that blocks of rows can have, in order. */
    public List<Integer> blockSizes() {
        return usualBlocks().from().values().stream().sorted().distinct().toList();
    }

    /** Why it does not run on the selected device; empty if it does. */
    public Optional<String> hindrance() {
        return kernels().hindrance();
    }

    /**
     * Brings a weight into the flavour's layout.
     *
     * @param settings of this flavour, with blocks of sizes that there are
     * @return empty if the flavour has no kernels for such codes
     */
    Optional<Matmul> prepare(ExpertWeights weights, DeviceSettings settings) {
        return kernels().prepare(weights, settings);
    }

    private FlavourKernels kernels() {
        return switch (this) {
            case PORTABLE -> new PortableFlavour();
            case CPU -> new CpuFlavour();
            case GPU -> new GpuFlavour();
            case HOST -> new HostFlavour();
        };
    }
}
