package org.quantado.moe;

import java.util.List;
import java.util.Optional;

import org.quantado.kernels.quantize.Fp8Quantizer;
import org.quantado.kernels.quantize.Int8Quantizer;
import org.quantado.kernels.quantize.Nvfp4BlockQuantizer;
import org.quantado.kernels.quantize.Nvfp4Quantizer;
import org.quantado.kernels.quantize.Quantizer;
import org.quantado.kernels.quantize.StaticQuantizer;
import org.quantado.schemes.linear.SchemeException;

import uk.ac.manchester.tornado.api.types.arrays.FloatArray;

/** One quantizer for the inputs of all experts of a block. Their scheme is one, but they may be calibrated differently. */
final class CommonQuantizer {
    private CommonQuantizer() {
    }

    /**
     * The quantizer with the largest scale, so that no expert's inputs are cut off.
     *
     * <p>Source: vLLM, MoE methods of NVFP4 and FP8: the largest input scale of all experts, where NVFP4's is 1 over the
     * stored divisor. Experts round FP8 and INT8 inputs as its references for them do, which differ
     * from those for linear layers in halfway cases.
     */
    static Optional<Quantizer> of(List<Optional<Quantizer>> each, String layerName) {
        List<Quantizer> present = each.stream().flatMap(Optional::stream).toList();
        if (present.isEmpty()) {
            return Optional.empty();
        }
        if (present.size() < each.size()) {
            throw new SchemeException("some experts of layer '" + layerName
                    + "' have a calibrated input scale and some have none: run it with activations off");
        }
        return Optional.of(switch (present.getFirst()) {
            case Nvfp4Quantizer some -> new Nvfp4Quantizer(1.0f / largestInverse(present));
            case StaticQuantizer some -> present.stream().map(StaticQuantizer.class::cast)
                    .reduce((a, b) -> a.scale() >= b.scale() ? a : b).orElseThrow();
            case Fp8Quantizer dynamic -> dynamic.dividing();
            case Int8Quantizer.SYMMETRIC -> Int8Quantizer.SYMMETRIC_TIES_AWAY;
            case Quantizer dynamic -> dynamic;
        });
    }

    /**
     * NVFP4 quantizers with the divisor of each expert, where they differ: some of vLLM's kernels for experts take one divisor
     * for all, others each expert's own, which is what the checkpoint was calibrated with.
     *
     * @param each that of each expert of each layer
     * @return empty where those of no layer differ, or they are no such quantizers
     */
    static Optional<Quantizer> ownDivisors(List<List<Optional<Quantizer>>> each) {
        boolean differ = each.stream().anyMatch(ofLayer -> ofLayer.stream().distinct().count() > 1);
        List<Quantizer> all = each.stream().flatMap(List::stream).flatMap(Optional::stream).toList();
        boolean allDivide = all.size() == each.stream().mapToInt(List::size).sum()
                && all.stream().allMatch(Nvfp4Quantizer.class::isInstance);
        if (!differ || !allDivide) {
            return Optional.empty();
        }
        FloatArray divisors = new FloatArray(all.size());
        for (int i = 0; i < divisors.getSize(); i++) {
            divisors.set(i, ((Nvfp4Quantizer) all.get(i)).globalScale());
        }
        return Optional.of(new Nvfp4BlockQuantizer(divisors));
    }

    private static float largestInverse(List<Quantizer> quantizers) {
        float largest = 0;
        for (Quantizer quantizer : quantizers) {
            largest = Math.max(largest, 1.0f / ((Nvfp4Quantizer) quantizer).globalScale());
        }
        return largest;
    }
}
