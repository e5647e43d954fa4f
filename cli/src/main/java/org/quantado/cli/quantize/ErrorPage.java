package org.quantado.cli.quantize;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

import org.quantado.cli.report.Json;
import org.quantado.schemes.quantize.LayerError;
import org.quantado.schemes.quantize.LayerErrorJson;
import org.quantado.schemes.quantize.QuantizationResult;

/**
 * The report on a quantization: a page with a table of all layers and pictures of their errors, and the same numbers as
 * JSON. The same quantization gives the same files.
 */
final class ErrorPage {
    /** Name of the page. */
    static final String PAGE = "index.html";

    private static final String NUMBERS = "report.json";
    private static final String PICTURES = "pictures";
    private static final String OVERVIEW = "sqnr.png";
    /** A model with thousands of experts has more layers than anyone looks at. */
    private static final int MOST_HISTOGRAMS = 500;
    private static final double MEGABYTE = 1e6;
    private static final String HEAD = """
            <!DOCTYPE html>
            <html lang="en">
            <head>
            <meta charset="utf-8">
            <title>Quantization errors</title>
            <style>
            body { font: 14px sans-serif; margin: 2em auto; max-width: 70em; color: #222; }
            table { border-collapse: collapse; width: 100%; }
            th, td { text-align: right; padding: 0.2em 0.6em; border-bottom: 1px solid #ddd; vertical-align: top; }
            th:first-child, td:first-child, td.text { text-align: left; }
            img { max-width: 100%; }
            </style>
            </head>
            <body>
            """;

    private final Path folder;
    private final QuantizationResult result;
    private final StringBuilder html = new StringBuilder(HEAD);

    private ErrorPage(Path folder, QuantizationResult result) {
        this.folder = folder;
        this.result = result;
    }

    /** Writes the report into a folder that exists. */
    static void write(Path folder, QuantizationResult result) throws IOException {
        new ErrorPage(folder, result).write();
    }

    private void write() throws IOException {
        writeNumbers();
        Map<String, String> histograms = pictures();
        html.append("<h1>Quantization errors of ").append(escape(result.folder().getFileName().toString()))
                .append("</h1>\n<p>").append(result.layers().size()).append(" layers, ")
                .append(format("%.1f MB of %.1f MB", result.outputBytes() / MEGABYTE, result.inputBytes() / MEGABYTE))
                .append(". SQNR is the signal to quantization noise ratio of a weight: higher is better, and 6 dB are")
                .append(" one bit. The numbers are in <a href=\"").append(NUMBERS).append("\">").append(NUMBERS)
                .append("</a>.</p>\n");
        result.warnings().forEach(warning -> html.append("<p>Warning: ").append(escape(warning)).append("</p>\n"));
        if (histograms.isEmpty()) {
            html.append("<p>There are no pictures: this machine's Java cannot draw.</p>\n");
        } else {
            html.append("<img src=\"").append(PICTURES).append('/').append(OVERVIEW)
                    .append("\" alt=\"SQNR by block\">\n");
        }
        html.append("<table>\n<tr><th>layer</th><th>group</th><th>shape</th><th>SQNR [dB]</th><th>largest error</th>")
                .append("<th>worst output channels [dB]</th><th>errors</th></tr>\n");
        result.layers().forEach(layer -> append(layer, histograms.get(layer.layer())));
        html.append("</table>\n</body>\n</html>\n");
        Files.writeString(folder.resolve(PAGE), html);
    }

    private void writeNumbers() throws IOException {
        Map<String, Object> report = new LinkedHashMap<>();
        report.put("checkpoint", result.folder().getFileName().toString());
        report.put("input_bytes", result.inputBytes());
        report.put("output_bytes", result.outputBytes());
        report.put("warnings", result.warnings());
        report.put("layers", result.layers().stream().map(LayerErrorJson::write).toList());
        StringWriter text = new StringWriter();
        try (PrintWriter writer = new PrintWriter(text)) {
            Json.write(writer, report);
        }
        Files.writeString(folder.resolve(NUMBERS), text.toString());
    }

    /** Draws them; file names by layer, and none where Java lacks fonts or a graphics library. */
    private Map<String, String> pictures() throws IOException {
        System.setProperty("java.awt.headless", "true");
        Path pictures = Files.createDirectories(folder.resolve(PICTURES));
        Map<String, String> histograms = new LinkedHashMap<>();
        try {
            ErrorPictures.writeOverview(pictures.resolve(OVERVIEW), result.layers());
            List<LayerError> drawn = result.layers().stream().sorted(Comparator.comparingDouble(LayerError::sqnr))
                    .limit(MOST_HISTOGRAMS).toList();
            for (LayerError layer : drawn) {
                String name = String.format(Locale.ROOT, "%05d.png", result.layers().indexOf(layer));
                ErrorPictures.writeHistogram(pictures.resolve(name), layer);
                histograms.put(layer.layer(), PICTURES + "/" + name);
            }
        } catch (LinkageError | InternalError | RuntimeException e) {
            return Map.of();
        }
        return histograms;
    }

    private void append(LayerError layer, String histogram) {
        html.append("<tr><td>").append(escape(layer.layer())).append("</td><td class=\"text\">")
                .append(escape(layer.group())).append("</td><td>").append(layer.rows()).append(" x ")
                .append(layer.columns()).append("</td><td>").append(decibels(layer.sqnr())).append("</td><td>")
                .append(format("%.3g", layer.maxError())).append("</td><td>");
        layer.worstChannels().forEach(channel -> html.append(channel.row()).append(": ")
                .append(decibels(channel.sqnr())).append("<br>"));
        html.append("</td><td>");
        if (histogram != null) {
            html.append("<img loading=\"lazy\" src=\"").append(histogram).append("\" alt=\"errors by magnitude\">");
        }
        html.append("</td></tr>\n");
    }

    private static String decibels(double sqnr) {
        return Double.isInfinite(sqnr) ? "exact" : format("%.1f", sqnr);
    }

    private static String format(String format, Object... values) {
        return String.format(Locale.ROOT, format, values);
    }

    private static String escape(String text) {
        return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace("\"", "&quot;");
    }
}
