package org.quantado.kernels.quantize;

import java.util.List;
import java.util.Optional;
import java.util.function.ToDoubleFunction;

import org.quantado.kernels.codec.ModelDtype;
import org.quantado.kernels.graph.LayerGraph;
import org.quantado.kernels.graph.LayerNumber;
import org.quantado.kernels.graph.Rows;

import uk.ac.manchester.tornado.api.annotations.Parallel;
import uk.ac.manchester.tornado.api.common.TaskPackage;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/** Quantizers of several layers that differ in their calibration alone; the number of the layer is read on the device. */
public sealed interface LayerQuantizer extends Quantizer {
    /**
     * The quantizers of all layers as one.
     *
     * @param each that of each layer
     * @param layer which of them; who builds a graph with it brings its number to the device
     * @return empty if they differ in more than their calibration
     */
    static Optional<Quantizer> of(List<Quantizer> each, LayerNumber layer) {
        if (each.size() != layer.layers()) {
            throw new IllegalArgumentException(each.size() + " quantizers for " + layer.layers() + " layers");
        }
        Quantizer first = each.getFirst();
        if (each.stream().allMatch(first::equals)) {
            return Optional.of(first);
        }
        if (each.stream().allMatch(StaticQuantizer.Fp8.class::isInstance)) {
            return Optional.of(new StaticFp8(values(each, some -> ((StaticQuantizer.Fp8) some).scale()), layer));
        }
        if (each.stream().allMatch(Nvfp4Quantizer.class::isInstance)) {
            return Optional.of(new Nvfp4(values(each, some -> ((Nvfp4Quantizer) some).globalScale()), layer));
        }
        return first instanceof StaticQuantizer.Int8 model && each.stream()
                .allMatch(some -> some instanceof StaticQuantizer.Int8 other && other.dtype() == model.dtype())
                        ? Optional.of(new StaticInt8(values(each, some -> ((StaticQuantizer.Int8) some).scale()),
                                values(each, some -> ((StaticQuantizer.Int8) some).zeroPoint()), layer, model.dtype()))
                        : Optional.empty();
    }

    private static FloatArray values(List<Quantizer> each, ToDoubleFunction<Quantizer> value) {
        FloatArray values = new FloatArray(each.size());
        for (int i = 0; i < values.getSize(); i++) {
            values.set(i, (float) value.applyAsDouble(each.get(i)));
        }
        return values;
    }

    /**
     * {@link StaticQuantizer.Fp8} of each layer.
     *
     * @param scales {@code [L]}
     */
    record StaticFp8(FloatArray scales, LayerNumber layer) implements LayerQuantizer {
        @Override
        public Quantized addTo(LayerGraph graph, String stage, Rows x, boolean keepCodes) {
            FloatArray inverses = new FloatArray(scales.getSize());
            for (int i = 0; i < inverses.getSize(); i++) {
                inverses.set(i, 1.0f / scales.get(i));
            }
            FloatArray factors = new FloatArray(x.capacity());
            FloatArray filled = new FloatArray(x.capacity());
            graph.constants(inverses, scales);
            graph.task(TaskPackage.createPackage(stage + "Scales", LayerQuantizer::fill, inverses, scales,
                    layer.number(), factors, filled), x.capacity(), 1);
            return new GroupCodes(x.width(), new IntArray(1), factors, filled, GroupCodes.Scaling.MULTIPLY)
                    .addFloats(graph, stage, x, FloatFormat.e4m3Saturating(), keepCodes);
        }
    }

    /**
     * {@link StaticQuantizer.Int8} of each layer.
     *
     * @param scales {@code [L]}
     * @param zeroPoints {@code [L]}, whole numbers
     * @param dtype the type that every step is rounded to
     */
    record StaticInt8(FloatArray scales, FloatArray zeroPoints, LayerNumber layer,
            ModelDtype dtype) implements LayerQuantizer {
        @Override
        public Quantized addTo(LayerGraph graph, String stage, Rows x, boolean keepCodes) {
            FloatArray filled = new FloatArray(x.capacity());
            IntArray filledZeros = new IntArray(x.capacity());
            graph.constants(scales, zeroPoints);
            graph.task(TaskPackage.createPackage(stage + "Scales", LayerQuantizer::fillWithZeros, scales, zeroPoints,
                    layer.number(), filled, filledZeros), x.capacity(), 1);
            return new GroupCodes(x.width(), filledZeros, filled, filled, GroupCodes.Scaling.DIVIDE)
                    .addIntegers(graph, stage, x, Byte.SIZE, GroupCodes.Ties.TO_EVEN, dtype, keepCodes);
        }
    }

    /**
     * {@link Nvfp4Quantizer} of each layer.
     *
     * @param globalScales {@code [L]}
     */
    record Nvfp4(FloatArray globalScales, LayerNumber layer) implements LayerQuantizer {
        @Override
        public Quantized addTo(LayerGraph graph, String stage, Rows x, boolean keepCodes) {
            return Nvfp4Quantizer.addTo(graph, stage, x, keepCodes, globalScales, layer.number(), Integer.MAX_VALUE);
        }
    }

    private static void fill(FloatArray firsts, FloatArray seconds, IntArray layer, FloatArray filledFirst,
            FloatArray filledSecond) {
        for (@Parallel int m = 0; m < filledFirst.getSize(); m++) {
            filledFirst.set(m, firsts.get(layer.get(0)));
            filledSecond.set(m, seconds.get(layer.get(0)));
        }
    }

    private static void fillWithZeros(FloatArray scales, FloatArray zeroPoints, IntArray layer, FloatArray filled,
            IntArray filledZeros) {
        for (@Parallel int m = 0; m < filled.getSize(); m++) {
            filled.set(m, scales.get(layer.get(0)));
            filledZeros.set(m, (int) zeroPoints.get(layer.get(0)));
        }
    }
}
