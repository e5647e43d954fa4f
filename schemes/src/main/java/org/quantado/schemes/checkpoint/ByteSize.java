package org.quantado.schemes.checkpoint;

import java.util.Locale;

/** Sizes as people read them: kB, MB and so on, each a thousand of the one before. */
public final class ByteSize {
    private static final String[] UNITS = {"kB", "MB", "GB", "TB", "PB", "EB"};
    private static final int STEP = 1000;
    /** From here on a number with one decimal would be shown as the next unit's 1. */
    private static final double ROUNDS_UP = STEP - 0.05;

    private ByteSize() {
    }

    /** A size in three or four digits, such as {@code 14.1 GB}; below a thousand the bytes themselves. */
    public static String text(long bytes) {
        if (bytes < STEP) {
            return bytes + (bytes == 1 ? " byte" : " bytes");
        }
        double size = (double) bytes / STEP;
        int unit = 0;
        while (size >= ROUNDS_UP) {
            size /= STEP;
            unit++;
        }
        return String.format(Locale.ROOT, "%.1f %s", size, UNITS[unit]);
    }
}
