package org.quantado.cli.quantize;

import java.awt.Color;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import org.knowm.xchart.BitmapEncoder;
import org.knowm.xchart.BitmapEncoder.BitmapFormat;
import org.knowm.xchart.XYChart;
import org.knowm.xchart.XYChartBuilder;
import org.knowm.xchart.XYSeries.XYSeriesRenderStyle;
import org.knowm.xchart.style.Styler.LegendPosition;
import org.knowm.xchart.style.markers.SeriesMarkers;
import org.quantado.schemes.quantize.LayerError;

/** Pictures of the errors of quantized layers. */
final class ErrorPictures {
    private static final int WIDTH = 900;
    private static final int HEIGHT = 420;
    private static final int SMALL_WIDTH = 480;
    private static final int SMALL_HEIGHT = 240;
    private static final double PERCENT = 100;
    /** The first number in a layer's name is that of its block. */
    private static final Pattern BLOCK = Pattern.compile("\\.(\\d+)\\.");

    private ErrorPictures() {
    }

    /** Signal to noise over the model's blocks, a line for each kind of layer. */
    static void writeOverview(Path file, List<LayerError> layers) throws IOException {
        Map<String, List<double[]>> kinds = new LinkedHashMap<>();
        for (LayerError layer : layers) {
            if (Double.isFinite(layer.sqnr())) {
                Matcher block = BLOCK.matcher(layer.layer());
                double position = block.find() ? Double.parseDouble(block.group(1)) : 0;
                kinds.computeIfAbsent(layer.layer().substring(layer.layer().lastIndexOf('.') + 1),
                        kind -> new ArrayList<>()).add(new double[]{position, layer.sqnr()});
            }
        }
        XYChart chart = new XYChartBuilder().width(WIDTH).height(HEIGHT).xAxisTitle("block")
                .yAxisTitle("SQNR of the weights [dB]").build();
        chart.getStyler().setDefaultSeriesRenderStyle(XYSeriesRenderStyle.Scatter)
                .setLegendPosition(LegendPosition.OutsideE).setChartBackgroundColor(Color.WHITE);
        kinds.forEach((kind, points) -> chart.addSeries(kind, points.stream().mapToDouble(point -> point[0]).toArray(),
                points.stream().mapToDouble(point -> point[1]).toArray()));
        write(chart, file);
    }

    /**
     * How the magnitudes of a layer's errors are distributed; errors of 0 are left out.
     *
     * @param axes that all of a page's pictures share
     */
    static void writeHistogram(Path file, LayerError layer, Axes axes) throws IOException {
        XYChart chart = new XYChartBuilder().width(SMALL_WIDTH).height(SMALL_HEIGHT).xAxisTitle("log2 |error|")
                .yAxisTitle("% of weights").build();
        chart.getStyler().setDefaultSeriesRenderStyle(XYSeriesRenderStyle.StepArea).setLegendVisible(false)
                .setChartBackgroundColor(Color.WHITE);
        chart.getStyler().setXAxisMin(axes.least).setXAxisMax(axes.largest).setYAxisMin(0.0)
                .setYAxisMax(axes.highest);
        List<Map.Entry<Float, Long>> bins = bins(layer);
        if (!bins.isEmpty()) {
            chart.addSeries("errors", bins.stream().mapToDouble(ErrorPictures::position).toArray(),
                    bins.stream().mapToDouble(bin -> share(layer, bin)).toArray()).setMarker(SeriesMarkers.NONE);
        }
        write(chart, file);
    }

    /**
     * What all histograms of a page reach from and to, so that they can be compared.
     *
     * @param least log2 of a magnitude
     * @param largest log2 of a magnitude
     * @param highest share of a bin, in percent
     */
    record Axes(double least, double largest, double highest) {
        /** Bins with fewer weights than this share, in percent, are not worth the room on an axis. */
        private static final double SEEN = 0.01;

        static Axes of(List<LayerError> layers) {
            double least = 0;
            double largest = Double.NEGATIVE_INFINITY;
            double highest = 1;
            for (LayerError layer : layers) {
                for (Map.Entry<Float, Long> bin : bins(layer)) {
                    if (share(layer, bin) >= SEEN) {
                        least = Math.min(least, position(bin));
                        largest = Math.max(largest, position(bin));
                        highest = Math.max(highest, share(layer, bin));
                    }
                }
            }
            return new Axes(Math.floor(least), Math.max(Math.ceil(largest), Math.floor(least) + 1), Math.ceil(highest));
        }
    }

    private static List<Map.Entry<Float, Long>> bins(LayerError layer) {
        return layer.histogram().entrySet().stream().filter(bin -> bin.getKey() > 0).toList();
    }

    private static double position(Map.Entry<Float, Long> bin) {
        return Math.log(bin.getKey()) / Math.log(2);
    }

    private static double share(LayerError layer, Map.Entry<Float, Long> bin) {
        return PERCENT * bin.getValue() / ((double) layer.rows() * layer.columns());
    }

    private static void write(XYChart chart, Path file) throws IOException {
        BitmapEncoder.saveBitmap(chart, file.toString(), BitmapFormat.PNG);
    }
}
