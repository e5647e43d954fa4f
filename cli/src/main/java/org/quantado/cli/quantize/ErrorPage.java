package org.quantado.cli.quantize;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;

import org.quantado.cli.report.Json;
import org.quantado.schemes.checkpoint.ByteSize;
import org.quantado.schemes.checkpoint.Escaped;
import org.quantado.schemes.quantize.LayerError;
import org.quantado.schemes.quantize.LayerErrorJson;
import org.quantado.schemes.quantize.QuantizationRequest;
import org.quantado.schemes.quantize.QuantizationResult;

/**
 * The report on a quantization: a page with a table of all layers and pictures of their errors, and the same numbers as
 * JSON. The same quantization gives the same files on the same day.
 */
final class ErrorPage {
    /** Name of the page. */
    static final String PAGE = "index.html";

    private static final String NUMBERS = "report.json";
    private static final String PICTURES = "pictures";
    private static final String OVERVIEW = "sqnr.png";
    /** A model with thousands of experts has more layers than anyone looks at. */
    private static final int MOST_HISTOGRAMS = 500;
    private static final double PERCENT = 100;
    private static final String HEAD = """
            <!DOCTYPE html>
            <html lang="en">
            <head>
            <meta charset="utf-8">
            <meta name="viewport" content="width=device-width, initial-scale=1">
            <title>Quantization errors</title>
            <style>
            body { font: 14px sans-serif; margin: 2em auto; padding: 0 1em; max-width: 70em; color: #222; }
            table { border-collapse: collapse; width: 100%; }
            th, td { text-align: right; padding: 0.2em 0.6em; border-bottom: 1px solid #ddd; vertical-align: top; }
            th:first-child, td:first-child, td.text { text-align: left; overflow-wrap: anywhere; }
            img { max-width: 100%; height: auto; }
            td img { min-width: 14em; }
            dl { display: grid; grid-template-columns: max-content 1fr; gap: 0.2em 1em; }
            dd { margin: 0; overflow-wrap: anywhere; }
            @media (max-width: 50em) {
              body { margin: 0.5em auto; padding: 0 0.5em; }
              thead { display: none; }
              tr { display: block; padding: 0.6em 0; border-bottom: 1px solid #999; }
              td { display: block; border: 0; padding: 0.1em 0; }
              td:first-child { font-weight: bold; }
              td, td.text { text-align: right; }
              td:first-child { text-align: left; }
              td[title]::before { content: attr(title); float: left; color: #666; }
              td::after { content: ""; display: block; clear: both; }
            }
            </style>
            </head>
            <body>
            """;

    private static final List<String> COLUMNS = List.of("preset", "shape", "SQNR [dB]", "mean error", "largest error",
            "worst output channels [dB]", "errors");
    /** What is known besides where the model was run. */
    private static final List<String> OUTPUT_COLUMNS = List.of("SQNR of rounding to nearest [dB]", "error of outputs",
            "the same of rounding to nearest");

    private final Path folder;
    private final QuantizationResult result;
    private final ErrorPageSettings settings;
    private final Optional<Loss> loss;
    private final StringBuilder html = new StringBuilder(HEAD);

    private ErrorPage(Path folder, QuantizationResult result, ErrorPageSettings settings, Optional<Loss> loss) {
        this.folder = folder;
        this.result = result;
        this.settings = settings;
        this.loss = loss;
    }

    /**
     * Writes the report into a folder that exists.
     *
     * @param loss of the whole model, if it was measured
     */
    static void write(Path folder, QuantizationResult result, QuantizationRequest request, Optional<Loss> loss,
            LocalDate date) throws IOException {
        new ErrorPage(folder, result, ErrorPageSettings.of(result, request, date), loss).write();
    }

    private void write() throws IOException {
        writeNumbers();
        Map<String, String> histograms = pictures();
        html.append("<h1>Quantization errors of ").append(escape(result.folder().getFileName().toString()))
                .append("</h1>\n<dl>\n");
        settings.shown().forEach((name, value) -> html.append("<dt>").append(name).append("</dt><dd>")
                .append(escape(value)).append("</dd>\n"));
        html.append("</dl>\n<p>").append(result.layers().size()).append(" layers, ")
                .append(ByteSize.text(result.outputBytes())).append(" of ").append(ByteSize.text(result.inputBytes()))
                .append(". SQNR is the signal to quantization noise ratio of a weight: higher is better, and 6 dB are")
                .append(" one bit. Relative errors are shares of the root of the mean square of a layer's weights. The")
                .append(" numbers are in <a href=\"").append(NUMBERS).append("\">").append(NUMBERS)
                .append("</a>.</p>\n");
        loss.ifPresent(some -> html.append(format(
                "<p>On %d samples that the model was not calibrated on, its perplexity"
                        + " was %.5f before and is %.5f after. The mean Kullback-Leibler divergence from before is %.6f nats, and in"
                        + " %.2f %% of %d predictions both find the same token most likely.</p>%n",
                some.samples(),
                some.perplexityBefore(), some.perplexityAfter(), some.meanDivergence(), PERCENT * some.agreement(),
                some.predicted())));
        result.warnings().forEach(warning -> html.append("<p>Warning: ").append(escape(warning)).append("</p>\n"));
        if (histograms.isEmpty()) {
            html.append("<p>There are no pictures: this machine's Java cannot draw.</p>\n");
        } else {
            html.append("<img src=\"").append(PICTURES).append('/').append(OVERVIEW)
                    .append("\" alt=\"SQNR by block\">\n");
        }
        html.append("<table>\n<thead><tr><th>layer</th>");
        columns().forEach(column -> html.append("<th>").append(column).append("</th>"));
        html.append("</tr></thead>\n");
        result.layers().forEach(layer -> append(layer, histograms.get(layer.layer())));
        html.append("</table>\n</body>\n</html>\n");
        Files.writeString(folder.resolve(PAGE), html);
    }

    private void writeNumbers() throws IOException {
        Map<String, Object> report = new LinkedHashMap<>();
        report.put("checkpoint", result.folder().getFileName().toString());
        report.put("settings", settings);
        report.put("inputBytes", result.inputBytes());
        report.put("outputBytes", result.outputBytes());
        report.put("loss", loss.orElse(null));
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
            ErrorPictures.Axes axes = ErrorPictures.Axes.of(drawn);
            for (LayerError layer : drawn) {
                String name = String.format(Locale.ROOT, "%05d.png", result.layers().indexOf(layer));
                ErrorPictures.writeHistogram(pictures.resolve(name), layer, axes);
                histograms.put(layer.layer(), PICTURES + "/" + name);
            }
        } catch (LinkageError | InternalError | RuntimeException e) {
            return Map.of();
        }
        return histograms;
    }

    private void append(LayerError layer, String histogram) {
        String channels = layer.worstChannels().stream()
                .map(channel -> channel.row() + ": " + decibels(channel.sqnr())).collect(Collectors.joining("<br>"));
        List<String> cells = new ArrayList<>(
                List.of(escape(settings.presetOf(layer.group()) + " (" + layer.group() + ")"),
                        layer.rows() + " x " + layer.columns(), decibels(layer.sqnr()),
                        both(layer.relativeError() * layer.rms(), layer.relativeError()),
                        both(layer.maxError(), layer.relativeMaxError()), channels, histogram == null
                                ? ""
                                : "<img loading=\"lazy\" src=\"" + histogram + "\" alt=\"errors by magnitude\">"));
        layer.outputs().ifPresent(outputs -> cells.addAll(List.of(decibels(outputs.nearestSqnr()),
                percent(outputs.error()), percent(outputs.nearest()))));
        html.append("<tr><td>").append(escape(layer.layer())).append("</td>");
        for (int i = 0; i < cells.size(); i++) {
            html.append("<td title=\"").append(columns().get(i)).append("\">").append(cells.get(i)).append("</td>");
        }
        html.append("</tr>\n");
    }

    private List<String> columns() {
        boolean hasOutputs = result.layers().stream().anyMatch(layer -> layer.outputs().isPresent());
        return hasOutputs ? Stream.concat(COLUMNS.stream(), OUTPUT_COLUMNS.stream()).toList() : COLUMNS;
    }

    private static String percent(double share) {
        return format("%.2f %%", PERCENT * share);
    }

    /** An error and the relative one. */
    private static String both(double error, double relative) {
        return format("%.3g (%.1f %%)", error, PERCENT * relative);
    }

    private static String decibels(double sqnr) {
        return Double.isInfinite(sqnr) ? "exact" : format("%.1f", sqnr);
    }

    private static String format(String format, Object... values) {
        return String.format(Locale.ROOT, format, values);
    }

    private static String escape(String text) {
        return Escaped.text(text).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace("\"",
                "&quot;");
    }
}
