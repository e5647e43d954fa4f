package org.quantado.kernels.experts;

import java.util.Optional;

import org.quantado.kernels.matmul.ExpertWeights;
import org.quantado.kernels.quantize.Quantizer;

import uk.ac.manchester.tornado.api.types.arrays.FloatArray;

/**
 * A linear layer of a block beside its experts: the router, or the gate of the shared experts. Those of L blocks that are
 * alike lie one below the other.
 */
public sealed interface SideLayer {
    /**
     * In floats.
     *
     * @param weight {@code [L * N, H]}
     * @param bias {@code [L * N]}, zeros where there is none
     */
    record Floats(FloatArray weight, FloatArray bias) implements SideLayer {
    }

    /**
     * Quantized.
     *
     * @param weight {@code [N, H]} and bias, of one expert for each of the L
     * @param inputQuantizer how the tokens are quantized, if they are
     */
    record Quantized(ExpertWeights weight, Optional<Quantizer> inputQuantizer) implements SideLayer {
    }
}
