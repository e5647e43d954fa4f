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
 * @param workItems how many are enough for the device: with fewer, the gpu flavour shares the columns of a weight among
 *     more of them; the others do not look at it
 */
public record DeviceSettings(Flavour flavour, BlockSizes blocks, int workItems) {
    /**
     * Half of what the largest GPUs hold at a time (an H100 has 132 multiprocessors for 2048 work-items each): a split costs
     * a second task, and the other half would gain less.
     */
    static final int USUAL_WORK_ITEMS = 1 << 17;

    private static final String FLAVOUR = "flavour";
    private static final String ROWS_PER_BLOCK = "rows_per_block";
    private static final String WORK_ITEMS = "work_items";

    /** What a flavour is used with where nothing else is known. */
    public static DeviceSettings of(Flavour flavour) {
        return new DeviceSettings(flavour, flavour.usualBlocks(), USUAL_WORK_ITEMS);
    }

    /** These if they are of this flavour, else what it is used with where nothing else is known. */
    public DeviceSettings ofFlavour(Flavour asked) {
        return asked == flavour ? this : of(asked);
    }

    /** The same with other blocks. */
    public DeviceSettings with(BlockSizes otherBlocks) {
        return new DeviceSettings(flavour, otherBlocks, workItems);
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
        Flavour flavour = flavour(file, properties.getProperty(FLAVOUR));
        List<String> keys = keys(flavour);
        for (String key : new TreeSet<>(properties.stringPropertyNames())) {
            if (!keys.contains(key)) {
                throw new ConfException(file, key, "such a key", "one of " + keys);
            }
        }
        String blocks = properties.getProperty(ROWS_PER_BLOCK);
        String workItems = properties.getProperty(WORK_ITEMS);
        return new DeviceSettings(flavour, blocks == null ? flavour.usualBlocks() : blocks(file, flavour, blocks),
                workItems == null ? USUAL_WORK_ITEMS : workItems(file, workItems));
    }

    private static List<String> keys(Flavour flavour) {
        return flavour == Flavour.GPU ? List.of(FLAVOUR, ROWS_PER_BLOCK, WORK_ITEMS) : List.of(FLAVOUR, ROWS_PER_BLOCK);
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

    private static int workItems(String file, String text) {
        try {
            int workItems = Integer.parseInt(text.strip());
            if (workItems > 0) {
                return workItems;
            }
        } catch (NumberFormatException _) {
            // said below
        }
        throw new ConfException(file, WORK_ITEMS, text, "a number from 1 to " + Integer.MAX_VALUE);
    }

    /** The lines of a file that has these settings. */
    public String toFile() {
        return FLAVOUR + " = " + flavour.name().toLowerCase(Locale.ROOT) + "\n" + ROWS_PER_BLOCK + " = " + blocks
                + "\n" + (flavour == Flavour.GPU ? WORK_ITEMS + " = " + workItems + "\n" : "");
    }
}
