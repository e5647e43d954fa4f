package org.quantado.kernels.matmul;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Locale;
import java.util.Properties;
import java.util.TreeSet;

import org.quantado.kernels.engine.Conf;
import org.quantado.kernels.engine.ConfException;

/**
 * What is tuned for a device, in {@code conf/devices}.
 *
 * @param flavour of the kernels
 * @param blocks how many rows are multiplied together
 */
public record DeviceSettings(Flavour flavour, BlockSizes blocks) {
    private static final String FLAVOUR = "flavour";
    private static final String ROWS_PER_BLOCK = "rows_per_block";
    private static final List<String> KEYS = List.of(FLAVOUR, ROWS_PER_BLOCK);

    /** What a flavour is used with where nothing else is known. */
    static DeviceSettings of(Flavour flavour) {
        return new DeviceSettings(flavour, flavour.usualBlocks());
    }

    /**
     * Reads a file.
     *
     * @param file path below {@code conf/}
     * @throws ConfException if it has no flavour, another key than there is, or a value that the flavour cannot have
     */
    static DeviceSettings read(String file) {
        Properties properties;
        try {
            properties = Conf.properties(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        for (String key : new TreeSet<>(properties.stringPropertyNames())) {
            if (!KEYS.contains(key)) {
                throw new ConfException(file, key, "such a key", "one of " + KEYS);
            }
        }
        Flavour flavour = flavour(file, properties.getProperty(FLAVOUR));
        String blocks = properties.getProperty(ROWS_PER_BLOCK);
        return new DeviceSettings(flavour, blocks == null ? flavour.usualBlocks() : blocks(file, flavour, blocks));
    }

    private static Flavour flavour(String file, String name) {
        return Flavour.named(name).orElseThrow(
                () -> new ConfException(file, FLAVOUR, name == null ? "nothing" : name, "one of " + Flavour.names()));
    }

    private static BlockSizes blocks(String file, Flavour flavour, String text) {
        String expected = "pairs FROM_ROWS:SIZE with blanks between, the first from 1, of sizes "
                + flavour.blockSizes();
        try {
            BlockSizes blocks = BlockSizes.parse(text);
            if (flavour.blockSizes().containsAll(blocks.from().values())) {
                return blocks;
            }
        } catch (IllegalArgumentException e) {
            throw new ConfException(file, ROWS_PER_BLOCK, text + " (" + e.getMessage() + ")", expected);
        }
        throw new ConfException(file, ROWS_PER_BLOCK, text, expected);
    }

    /** The lines of a file that has these settings. */
    public String toFile() {
        return FLAVOUR + " = " + flavour.name().toLowerCase(Locale.ROOT) + "\n" + ROWS_PER_BLOCK + " = " + blocks
                + "\n";
    }
}
