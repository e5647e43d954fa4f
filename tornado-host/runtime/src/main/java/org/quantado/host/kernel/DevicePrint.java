package org.quantado.host.kernel;

import java.util.regex.Pattern;

/** Prints what a kernel says through the API's {@code Debug.printf}, whose formats are OpenCL C's. */
public final class DevicePrint {
    /** Vector lengths and widths of integers, which Java's arguments know by themselves. */
    private static final Pattern LENGTHS = Pattern.compile("(%[-+ #0-9.]*)(?:v\\d+)?(?:hh|hl|h|ll|l|z)?([a-zA-Z%])");

    private DevicePrint() {
    }

    /** Called from kernels in the place of {@code Debug.printf}. */
    public static void printf(String format, Object... arguments) {
        String javas = LENGTHS.matcher(format).replaceAll(m -> m.group(1).replace("$", "") + conversion(m.group(2)));
        System.out.print(javas.formatted(arguments));
    }

    private static String conversion(String conversion) {
        return switch (conversion) {
            case "u", "i" -> "d";
            case "F" -> "f";
            default -> conversion;
        };
    }
}
