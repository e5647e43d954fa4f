package org.quantado.kernels.experts;

import java.util.Optional;

import org.quantado.kernels.matmul.ExpertWeights;
import org.quantado.kernels.quantize.Quantizer;

import uk.ac.manchester.tornado.api.types.arrays.FloatArray;

/** A linear layer of a block beside its experts: the router, or the gate of the shared experts. */
public sealed interface SideLayer {
    /** N: how many numbers it gives for a token. */
    int outputs();

    /**
     * In floats.
     *
     * @param weight {@code [N, H]}
     * @param bias {@code [N]}, zeros where there is none
     */
    record Floats(FloatArray weight, FloatArray bias) implements SideLayer {
        @Override
        public int outputs() {
            return bias.getSize();
        }
    }

    /**
     * Quantized.
     *
     * @param weight {@code [N, H]} and bias, of one expert
     * @param inputQuantizer how the tokens are quantized, if they are
     */
    record Quantized(ExpertWeights weight, Optional<Quantizer> inputQuantizer) implements SideLayer {
        @Override
        public int outputs() {
            return weight.outputs();
        }
    }
}
