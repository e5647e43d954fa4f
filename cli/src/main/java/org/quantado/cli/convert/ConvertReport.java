package org.quantado.cli.convert;

import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;

import org.quantado.cli.report.Report;
import org.quantado.schemes.checkpoint.ByteSize;
import org.quantado.schemes.checkpoint.Escaped;
import org.quantado.schemes.quantize.ConversionResult;

/**
 * What {@code convert} did.
 *
 * @param input folder that was read
 * @param output folder that was written
 * @param dialect of the input
 * @param layers how many quantized layers it has
 * @param inputBytes size of the tensors before
 * @param outputBytes size of the tensors after
 * @param leftOut what was not copied, by path, and why
 * @param warnings what to know before it is used
 * @param seconds how long it took
 */
record ConvertReport(String input, String output, String dialect, int layers, long inputBytes, long outputBytes,
        Map<String, String> leftOut, List<String> warnings, double seconds) implements Report {
    static ConvertReport of(Path in, ConversionResult result, double seconds) {
        return new ConvertReport(in.toString(), result.folder().toString(), result.quantMethod(), result.layers(),
                result.inputBytes(), result.outputBytes(), result.leftOut(), result.warnings(), seconds);
    }

    @Override
    public void print(PrintWriter out) {
        out.printf(Locale.ROOT, "%s: %d quantized layers of %s, %s of %s, in %.1f s%n", Escaped.text(output), layers,
                dialect, ByteSize.text(outputBytes), ByteSize.text(inputBytes), seconds);
        if (!leftOut.isEmpty()) {
            out.println("not copied: " + leftOut.entrySet().stream()
                    .map(file -> Escaped.text(file.getKey()) + " (" + file.getValue() + ")")
                    .collect(Collectors.joining(", ")));
        }
    }
}
