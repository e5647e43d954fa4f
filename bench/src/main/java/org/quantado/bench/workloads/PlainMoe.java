package org.quantado.bench.workloads;

import org.quantado.kernels.experts.ExpertMlp;
import org.quantado.kernels.experts.GatedActivation;
import org.quantado.kernels.experts.MoeBlock;
import org.quantado.kernels.experts.SideLayer;
import org.quantado.kernels.matmul.ExpertWeights;
import org.quantado.kernels.matmul.LinearWeight;
import org.quantado.kernels.matmul.QuantizedMatrix;

import uk.ac.manchester.tornado.api.types.arrays.FloatArray;

/**
 * A block of experts in float64, one token and expert after another.
 *
 * @param block with the router's weight, gates that are sigmoids, without shared experts and without quantized activations
 */
record PlainMoe(MoeBlock block) {
    PlainMoe {
        GatedActivation.Gate gate = block.experts().activation().gate();
        if (gate != GatedActivation.Gate.SIGMOID) {
            throw new IllegalArgumentException("gate " + gate + ": expected SIGMOID");
        }
    }

    /** The experts of token t of x. */
    PlainRouter.Choice choose(FloatArray x, int t) {
        SideLayer.Floats layer = (SideLayer.Floats) block.router().layer().orElseThrow();
        FloatArray weight = layer.weight();
        int hidden = block.experts().hidden();
        double[] logits = new double[block.router().topK().experts()];
        for (int e = 0; e < logits.length; e++) {
            logits[e] = layer.bias().get(e);
            for (int h = 0; h < hidden; h++) {
                logits[e] += x.get(t * hidden + h) * (double) weight.get(e * hidden + h);
            }
        }
        return PlainRouter.of(block.router().topK()).choose(logits);
    }

    /** What the block makes of token t of x. */
    double[] apply(FloatArray x, int t) {
        PlainRouter.Choice choice = choose(x, t);
        double[] token = new double[block.experts().hidden()];
        for (int h = 0; h < token.length; h++) {
            token[h] = x.get(t * token.length + h);
        }
        double[] y = new double[token.length];
        for (int j = 0; j < choice.ids().length; j++) {
            double[] result = expert(block.experts(), choice.ids()[j], token);
            for (int h = 0; h < y.length; h++) {
                y[h] += choice.weights()[j] * result[h];
            }
        }
        return y;
    }

    private static double[] expert(ExpertMlp mlp, int expert, double[] token) {
        double[] gateUp = multiply(mlp.gateUp(), expert, token);
        double[] activated = new double[mlp.intermediate()];
        GatedActivation activation = mlp.activation();
        for (int i = 0; i < activated.length; i++) {
            double gate = Math.min(gateUp[i], activation.limit());
            double up = Math.clamp(gateUp[activated.length + i], -activation.limit(), activation.limit());
            activated[i] = (up + activation.upOffset()) * gate / (1 + Math.exp(-activation.alpha() * gate));
        }
        return multiply(mlp.down(), expert, activated);
    }

    private static double[] multiply(ExpertWeights weights, int expert, double[] x) {
        LinearWeight weight = weights.read(expert);
        double[] y = new double[weights.outputs()];
        QuantizedMatrix matrix = weight.matrix().load();
        for (int n = 0; n < y.length; n++) {
            y[n] = weight.bias().get(n);
            for (int k = 0; k < x.length; k++) {
                y[n] += matrix.value(n, k) * x[k];
            }
        }
        return y;
    }
}
