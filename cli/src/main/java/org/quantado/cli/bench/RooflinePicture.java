package org.quantado.cli.bench;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.DoubleStream;

import org.quantado.bench.peaks.DevicePeaks;
import org.quantado.bench.Measurements;
import org.quantado.bench.Op;
import org.quantado.bench.Result;
import org.quantado.cli.engine.RunningEngine;
import org.quantado.cli.report.Names;

/**
 * Rates over arithmetic intensity, both logarithmic, below what the device does at most: by bytes on the left, by
 * operations on the right. Work whose operations are not counted has no place in it. The picture is SVG.
 *
 * <p>Source: Williams, Waterman and Patterson, "Roofline: An Insightful Visual Performance Model for Multicore
 * Architectures", 2009.
 */
final class RooflinePicture {
    private static final int WIDTH = 900;
    private static final int HEIGHT = 540;
    private static final int LEFT = 70;
    private static final int RIGHT = 690;
    private static final int TOP = 50;
    private static final int BOTTOM = 480;
    private static final int LEGEND = 710;
    private static final int LINE_HEIGHT = 20;
    private static final double RADIUS = 4.5;
    /** Colours that people with any colour vision can tell apart, by Okabe and Ito, 2008. */
    private static final List<String> COLOURS = List.of("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00",
            "#56b4e9",
            "#000000");

    private final DevicePeaks peaks;
    private final Map<String, List<Result>> series = new LinkedHashMap<>();
    private final List<String> formats;
    private final LogAxis x;
    private final LogAxis y;
    private final StringBuilder svg = new StringBuilder();

    private RooflinePicture(Measurements measured) {
        peaks = measured.peaks();
        List<Result> results = measured.results().stream().filter(result -> result.flop() > 0).toList();
        results.forEach(result -> series
                .computeIfAbsent(Names.of(result.subject().op()) + " " + result.subject().format(),
                        name -> new ArrayList<>())
                .add(result));
        formats = results.stream().map(result -> result.subject().format()).distinct().toList();
        x = LogAxis.over(DoubleStream.concat(results.stream().mapToDouble(RooflinePicture::intensity),
                DoubleStream.of(ridge() / 2, ridge() * 2)), LEFT, RIGHT);
        y = LogAxis.over(DoubleStream.concat(results.stream().mapToDouble(Result::flopPerSecond),
                DoubleStream.of(peaks.flopPerSecond())), BOTTOM, TOP);
    }

    /** Draws what was measured. */
    static String draw(RunningEngine engine, Measurements measured) {
        return new RooflinePicture(measured).draw(engine.toString());
    }

    private String draw(String title) {
        add("<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %d %d\" font-family=\"sans-serif\" font-size=\"12\">",
                WIDTH, HEIGHT);
        add("<rect width=\"%d\" height=\"%d\" fill=\"white\"/>", WIDTH, HEIGHT);
        text(LEFT, TOP / 2, "start", title);
        drawAxes();
        drawRoof();
        int line = 0;
        for (var entry : series.entrySet()) {
            entry.getValue().forEach(this::drawPoint);
            drawLegend(line, entry.getKey(), entry.getValue().getFirst());
            line++;
        }
        add("</svg>");
        return svg.toString();
    }

    private void drawAxes() {
        x.decades().forEach(power -> {
            double at = x.position(Math.pow(10, power));
            line(at, TOP, at, BOTTOM, "#dddddd");
            text(at, BOTTOM + LINE_HEIGHT, "middle", number(power));
        });
        y.decades().forEach(power -> {
            double at = y.position(Math.pow(10, power));
            line(LEFT, at, RIGHT, at, "#dddddd");
            text(LEFT - RADIUS, at + RADIUS, "end", number(power - 9));
        });
        text((LEFT + RIGHT) / 2.0, BOTTOM + 2 * LINE_HEIGHT, "middle",
                "operations for each byte that has to move (of a weight: as a checkpoint holds it)");
        add("<text transform=\"translate(%d %d) rotate(-90)\" text-anchor=\"middle\">GFLOP/s</text>", LINE_HEIGHT,
                (TOP + BOTTOM) / 2);
    }

    private void drawRoof() {
        double lowest = Math.max(x.min(), y.min() / peaks.readBytesPerSecond());
        double roof = y.position(peaks.flopPerSecond());
        add("<polyline fill=\"none\" stroke=\"black\" stroke-width=\"2\" points=\"%.1f,%.1f %.1f,%.1f %.1f,%.1f\"/>",
                x.position(lowest), y.position(lowest * peaks.readBytesPerSecond()), x.position(ridge()), roof,
                x.position(x.max()), roof);
        text(x.position(x.max()), roof - RADIUS, "end",
                String.format(Locale.ROOT, "%.0f GFLOP/s", peaks.flopPerSecond() * 1e-9));
        text(x.position(ridge()) - 2 * LINE_HEIGHT, roof + LINE_HEIGHT, "end",
                String.format(Locale.ROOT, "%.1f GB/s", peaks.readBytesPerSecond() * 1e-9));
    }

    private void drawPoint(Result result) {
        add("<g><title>%s: %.1f GFLOP/s</title>%s</g>", escaped(BenchReport.describe(result.subject())),
                result.flopPerSecond() * 1e-9,
                marker(result, x.position(intensity(result)), y.position(result.flopPerSecond())));
    }

    private void drawLegend(int line, String name, Result example) {
        int at = TOP + LINE_HEIGHT * (line + 1);
        add("%s", marker(example, LEGEND, at));
        text(LEGEND + 2 * RADIUS, at + RADIUS, "start", name);
    }

    /** The colour says the format, the form the kind of work. */
    private String marker(Result result, double atX, double atY) {
        String colour = COLOURS.get(formats.indexOf(result.subject().format()) % COLOURS.size());
        String form = switch (result.subject().op()) {
            case GEMV -> String.format(Locale.ROOT, "<circle cx=\"%.1f\" cy=\"%.1f\" r=\"%.1f\"", atX, atY, RADIUS);
            case GEMM -> polygon(atX, atY, -1, -1, 1, -1, 1, 1, -1, 1);
            case MOE -> polygon(atX, atY, 0, -1.4, 1.2, 1, -1.2, 1);
            case QUANTIZE, ROUTING, MODEL, GPTQ -> polygon(atX, atY, 0, -1.4, 1.4, 0, 0, 1.4, -1.4, 0);
        };
        boolean filled = result.subject().op() != Op.GEMV;
        return form + " fill=\"" + (filled ? colour : "white") + "\" stroke=\"" + colour + "\"/>";
    }

    private static String polygon(double atX, double atY, double... corners) {
        StringBuilder points = new StringBuilder();
        for (int i = 0; i < corners.length; i += 2) {
            points.append(String.format(Locale.ROOT, "%.1f,%.1f ", atX + corners[i] * RADIUS,
                    atY + corners[i + 1] * RADIUS));
        }
        return "<polygon points=\"" + points.toString().strip() + "\"";
    }

    /** The intensity from which on operations and not bytes are the limit. */
    private double ridge() {
        return peaks.flopPerSecond() / peaks.readBytesPerSecond();
    }

    private static double intensity(Result result) {
        return result.flop() / result.bytes();
    }

    private static String number(int powerOfTen) {
        return String.format(Locale.ROOT, powerOfTen < 0 ? "%." + -powerOfTen + "f" : "%.0f", Math.pow(10, powerOfTen));
    }

    private void line(double fromX, double fromY, double toX, double toY, String colour) {
        add("<line x1=\"%.1f\" y1=\"%.1f\" x2=\"%.1f\" y2=\"%.1f\" stroke=\"%s\"/>", fromX, fromY, toX, toY, colour);
    }

    private void text(double atX, double atY, String anchor, String text) {
        add("<text x=\"%.1f\" y=\"%.1f\" text-anchor=\"%s\">%s</text>", atX, atY, anchor, escaped(text));
    }

    private static String escaped(String text) {
        return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;");
    }

    private void add(String format, Object... values) {
        svg.append(String.format(Locale.ROOT, format, values)).append('\n');
    }
}
