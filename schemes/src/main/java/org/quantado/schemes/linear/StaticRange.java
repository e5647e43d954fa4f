package org.quantado.schemes.linear;

import java.util.Optional;

import org.quantado.kernels.codec.ModelDtype;
import org.quantado.kernels.quantize.Quantizer;
import org.quantado.kernels.quantize.StaticQuantizer;

/**
 * A calibrated scale and zero point of asymmetric INT8 activations.
 *
 * @param scale 0 where it was never calibrated
 * @param zeroPoint the code of 0
 */
record StaticRange(float scale, int zeroPoint) {
    /**
     * Those of a layer; of partitions that differ, those of the range that holds all of theirs.
     *
     * <p>Source: vLLM, {@code CompressedTensorsW8A8Int8.process_weights_after_loading}, whose zero point is rounded
     * towards 0.
     */
    static StaticRange of(LoadedParameters parameters, StaticScale scale) {
        StaticRange first = of(parameters, scale, 0);
        float max = first.end(Byte.MAX_VALUE);
        float min = first.end(Byte.MIN_VALUE);
        boolean equal = true;
        for (int part = 1; part < parameters.spec().partitions().size(); part++) {
            StaticRange range = of(parameters, scale, part);
            equal &= range.equals(first);
            max = Math.max(max, range.end(Byte.MAX_VALUE));
            min = Math.min(min, range.end(Byte.MIN_VALUE));
        }
        if (equal) {
            return first;
        }
        scale.warnOfDifferences(parameters);
        float common = (max - min) / (Byte.MAX_VALUE - Byte.MIN_VALUE);
        return new StaticRange(common, common == 0 ? 0 : (int) (Byte.MIN_VALUE - min / common));
    }

    private static StaticRange of(LoadedParameters parameters, StaticScale scale, int part) {
        TensorSlice zeroPoint = parameters.get(scale.zeroPoint(), part);
        long code = zeroPoint.tensor().dtype().bits() == Byte.SIZE
                ? zeroPoint.tensor().byteAt(0)
                : zeroPoint.tensor().integerAt(0);
        if (code != (byte) code) {
            throw zeroPoint.tensor().error(String.valueOf(code), "an 8-bit integer");
        }
        return new StaticRange(scale.of(parameters, part), (int) code);
    }

    /** What a code stands for. */
    private float end(int code) {
        return scale * (code - zeroPoint);
    }

    Optional<Quantizer> quantizer(ModelDtype dtype) {
        return scale == 0
                ? Optional.empty()
                : Optional.of(new StaticQuantizer.Int8(dtype.round(scale), zeroPoint, dtype));
    }
}
