package org.quantado.models.calibrate;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

import org.quantado.kernels.codec.ModelDtype;
import org.quantado.kernels.hessian.Hessian;
import org.quantado.kernels.hessian.HessianSum;
import org.quantado.models.decoder.DecoderLayers;
import org.quantado.models.decoder.LayerRun;
import org.quantado.models.decoder.TapPoint;
import org.quantado.schemes.checkpoint.Tensor;
import org.quantado.schemes.quantize.CalibrationWork;
import org.quantado.schemes.quantize.FloatWeight;
import org.quantado.schemes.quantize.PlannedLayer;
import org.quantado.schemes.smooth.Awq;
import org.quantado.schemes.smooth.BalancedLayer;
import org.quantado.schemes.smooth.ChannelStatistics;
import org.quantado.schemes.smooth.Channels;

import uk.ac.manchester.tornado.api.types.arrays.FloatArray;

/**
 * Scales channels of a decoder layer before it is quantized, by SmoothQuant or AWQ. What it computes stays the same. Not
 * thread-safe.
 */
final class LayerSmoothing implements AutoCloseable {
    private final CalibrationWork work;
    private final Recipe recipe;
    private final Map<String, PlannedLayer> planned;
    private final LayerTensors tensors;
    private final SampleRuns runs;
    private final List<Smoothing> smoothings;
    private final Map<TapPoint, ChannelStatistics> statistics = new HashMap<>();
    private final Map<TapPoint, HessianSum> sums = new HashMap<>();
    private final Map<String, HiddenStates> references = new HashMap<>();
    private final float normOffset;

    /**
     * @param runs runs the samples through the layer
     * @param taps of the layer
     */
    LayerSmoothing(CalibrationWork work, Recipe recipe, Map<String, PlannedLayer> planned, LayerTensors tensors,
            SampleRuns runs, DecoderLayers layers, int layer, List<TapPoint> taps) {
        this.work = work;
        this.recipe = recipe;
        this.planned = planned;
        this.tensors = tensors;
        this.runs = runs;
        this.normOffset = layers.spec().norm().weightOffset();
        this.smoothings = smoothings(recipe, layers, layer, taps, planned);
    }

    /** All that a recipe scales in a layer, for linear layers that are quantized. */
    static List<Smoothing> smoothings(Recipe recipe, DecoderLayers layers, int layer, List<TapPoint> taps,
            Map<String, PlannedLayer> planned) {
        List<Smoothing> all = new ArrayList<>();
        if (recipe.smoothQuant().isPresent() || recipe.awq().isPresent()) {
            all.addAll(Smoothing.ofNorms(layers.spec(), layers.spec().layers().get(layer), taps));
        }
        if (recipe.awq().isPresent()) {
            all.addAll(Smoothing.ofLinears(layers.spec(), layers.spec().layers().get(layer), taps));
        }
        return all.stream()
                .filter(smoothing -> smoothing.point().modules().stream().anyMatch(planned::containsKey)).toList();
    }

    /** How often all samples run through a layer for it. */
    static long runs(Recipe recipe, List<Smoothing> smoothings) {
        long searched = smoothings.stream().filter(smoothing -> smoothing.parent().isPresent()).count();
        return smoothings.isEmpty() ? 0 : 1 + searched * recipe.awq().map(Awq::proposals).orElse(0);
    }

    /** Observes the layer as it is, and scales its channels. */
    void run() throws IOException {
        if (smoothings.isEmpty()) {
            return;
        }
        Set<TapPoint> points = smoothings.stream().map(Smoothing::point).collect(Collectors.toSet());
        Set<String> parents = recipe.awq().isPresent()
                ? smoothings.stream().map(Smoothing::parent).flatMap(Optional::stream).collect(Collectors.toSet())
                : Set.of();
        for (String parent : parents) {
            references.put(parent, runs.scratch(work.finished().folder(), parent));
        }
        Set<TapPoint> ofLinears = smoothings.stream().filter(smoothing -> smoothing.parent().isEmpty())
                .map(Smoothing::point).collect(Collectors.toSet());
        runs.run(tensors.checkpoint(), point -> points.contains(point) || parents.contains(point.name()),
                (sample, first) -> (point, values, count, width) -> {
                    if (parents.contains(point.name())) {
                        copy(values, references.get(point.name()).of(sample), first.next(point.name(), count), count,
                                width);
                        return;
                    }
                    statistics.computeIfAbsent(point, some -> new ChannelStatistics(width)).add(values, count);
                    if (recipe.awq().isPresent() && ofLinears.contains(point)) {
                        sums.computeIfAbsent(point, some -> new HessianSum(width)).add(values, count);
                    }
                });
        for (Smoothing smoothing : smoothings) {
            smooth(smoothing);
        }
    }

    private static void copy(FloatArray values, MemorySegment to, int first, int count, int width) {
        MemorySegment.copy(values.getSegment(), 0, to, (long) first * width * Float.BYTES,
                (long) count * width * Float.BYTES);
    }

    private void smooth(Smoothing smoothing) {
        List<FloatWeight> readers = smoothing.point().modules().stream().map(tensors::weight).toList();
        ChannelStatistics channels = statistics.get(smoothing.point());
        float[] scales = recipe.awq().map(awq -> search(awq, smoothing, readers, channels))
                .orElseGet(() -> recipe.smoothQuant().orElseThrow().scales(readers, channels.ranges()));
        readers.forEach(weight -> tensors.multiply(weight, scales));
        if (smoothing.isNorm()) {
            divideNorm(PlannedLayer.weightOf(smoothing.before()), scales);
        } else {
            tensors.divide(tensors.weight(smoothing.before()), scales);
            divideBias(smoothing.before() + ".bias", scales);
        }
    }

    private void divideNorm(String name, float[] scales) {
        Tensor tensor = tensors.tensor(name);
        float[] values = tensor.toFloats();
        for (int k = 0; k < values.length; k++) {
            values[k] = (values[k] + normOffset) / scales[k] - normOffset;
        }
        tensors.change(name, values);
    }

    /** The channels are the last of those that a fused layer makes. */
    private void divideBias(String name, float[] scales) {
        if (work.has(name)) {
            Tensor tensor = tensors.tensor(name);
            float[] values = tensor.toFloats();
            int first = values.length - scales.length;
            float[] divided = Channels.divided(Arrays.copyOfRange(values, first, values.length), scales,
                    ModelDtype.valueOf(tensor.dtype().name()));
            System.arraycopy(divided, 0, values, first, divided.length);
            tensors.change(name, values);
        }
    }

    private float[] search(Awq awq, Smoothing smoothing, List<FloatWeight> readers, ChannelStatistics channels) {
        List<BalancedLayer> layers = readers.stream().map(weight -> {
            Optional<PlannedLayer> layer = Optional.ofNullable(planned.get(weight.name()));
            return new BalancedLayer(weight, layer.map(PlannedLayer::scheme),
                    layer.map(PlannedLayer::together).orElse(List.of(weight.name())));
        }).toList();
        if (smoothing.parent().isEmpty()) {
            return awq.search(layers, channels.meanMagnitudes(),
                    ofLinear(readers.getFirst(), smoothing.point(), channels.rows())).scales();
        }
        String parent = smoothing.parent().get();
        try (SampleRuns.Repeated repeated = runs.new Repeated(point -> point.name().equals(parent))) {
            return awq.search(layers, channels.meanMagnitudes(), weights -> missing(repeated, parent, weights))
                    .scales();
        }
    }

    /** Runs the layer with other weights. */
    private double missing(SampleRuns.Repeated repeated, String parent, List<FloatWeight> weights) {
        LayerTensors others = tensors.copy();
        weights.forEach(weight -> others.change(PlannedLayer.weightOf(weight.name()), weight.values()));
        double[] sum = new double[1];
        long[] elements = new long[1];
        HiddenStates reference = references.get(parent);
        repeated.run(others.checkpoint(),
                (sample, first) -> (point, values, count, width) -> {
                    int row = first.next(parent, count);
                    FloatArray expected = new FloatArray(count * width);
                    MemorySegment.copy(reference.of(sample), (long) row * width * Float.BYTES, expected.getSegment(), 0,
                            (long) count * width * Float.BYTES);
                    for (int i = 0; i < count * width; i++) {
                        double difference = values.get(i) - expected.get(i);
                        sum[0] += difference * difference;
                    }
                    elements[0] += (long) count * width;
                });
        return sum[0] / elements[0];
    }

    /** The outputs of a layer follow from the Hessian of its inputs. */
    private Awq.OutputError ofLinear(FloatWeight own, TapPoint point, long tokens) {
        Hessian hessian = sums.get(point).hessian(runs.count());
        return weights -> {
            FloatWeight other = weights.getFirst();
            return WeightedSum.squares(row -> {
                float[] difference = own.read(row);
                float[] values = other.read(row);
                for (int k = 0; k < values.length; k++) {
                    difference[k] -= values[k];
                }
                return difference;
            }, own.rows(), hessian, runs.count()) / ((double) tokens * own.rows());
        };
    }

    @Override
    public void close() {
        sums.values().forEach(HessianSum::close);
        references.values().forEach(HiddenStates::close);
    }
}
