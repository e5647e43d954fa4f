package org.quantado.kernels.experts;

import java.util.Optional;

import org.quantado.kernels.matmul.ExpertWeights;
import org.quantado.kernels.quantize.Quantizer;

/**
 * The experts of this rank: {@code down(activation(gateUp(x)))}.
 *
 * @param gateUp {@code [L * 2I, H]}, of each expert first the gates and then the ups
 * @param down {@code [L * H, I]}
 * @param activation between them
 * @param inputQuantizer how x is quantized, if it is
 * @param activationQuantizer how the activation's output is quantized, if it is
 */
public record ExpertMlp(ExpertWeights gateUp, ExpertWeights down, GatedActivation activation,
        Optional<Quantizer> inputQuantizer, Optional<Quantizer> activationQuantizer) {
    public ExpertMlp {
        boolean fits = gateUp.experts() == down.experts() && gateUp.outputs() == 2 * down.inputs()
                && gateUp.inputs() == down.outputs();
        if (!fits) {
            throw new IllegalArgumentException("gate and up of " + gateUp.experts() + " x [" + gateUp.outputs() + ", "
                    + gateUp.inputs() + "] do not fit down of " + down.experts() + " x [" + down.outputs() + ", "
                    + down.inputs() + "]");
        }
    }

    /** Number of experts here, L. */
    public int experts() {
        return gateUp.experts();
    }

    /** H. */
    public int hidden() {
        return gateUp.inputs();
    }

    /** I. */
    public int intermediate() {
        return down.inputs();
    }
}
