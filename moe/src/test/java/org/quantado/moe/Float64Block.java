package org.quantado.moe;

import java.util.Arrays;
import org.quantado.kernels.experts.ExpertMlp;
import org.quantado.kernels.experts.GatedActivation;
import org.quantado.kernels.experts.MoeBlock;
import org.quantado.kernels.experts.SideLayer;
import org.quantado.kernels.matmul.ExpertMatrix;
import org.quantado.kernels.matmul.ExpertWeights;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;

/**
 * A block in float64, one token and expert after another, apart from the kernels; activations are not quantized.
 *
 * @param block whose gates are sigmoids, as those of all families are
 */
record Float64Block(MoeBlock block) {
    Float64Block {
        GatedActivation.Gate gate = block.experts().activation().gate();
        if (gate != GatedActivation.Gate.SIGMOID) {
            throw new IllegalArgumentException("gate " + gate + ": expected SIGMOID");
        }
    }

    /** The experts' weighted sum, and the shared experts', for tokens whose experts are given. */
    float[] apply(FloatArray x, float[] weights, int[] ids, int topK) {
        int hidden = block.experts().hidden();
        int tokens = x.getSize() / hidden;
        float[] y = new float[x.getSize()];
        for (int t = 0; t < tokens; t++) {
            int first = t * hidden;
            double[] token = new double[hidden];
            Arrays.setAll(token, h -> x.get(first + h));
            double[] sum = new double[hidden];
            for (int j = 0; j < topK; j++) {
                int id = ids[t * topK + j];
                int local = id < 0 ? id : block.expertMap().get(id);
                if (local >= 0) {
                    double weight = weights[t * topK + j];
                    boolean onInput = block.weightOnInput().isPresent();
                    double[] input = onInput ? Arrays.stream(token).map(value -> value * weight).toArray() : token;
                    add(sum, mlp(block.experts(), local, input), onInput ? 1 : weight);
                }
            }
            block.shared().ifPresent(shared -> add(sum, mlp(shared.mlp(), 0, token),
                    shared.gate().map(gate -> sigmoid(layer(gate, token)[0])).orElse(1.0)));
            for (int h = 0; h < hidden; h++) {
                y[t * hidden + h] = (float) sum[h];
            }
        }
        return y;
    }

    /** What the router's layer gives for a token. */
    double[] logits(double[] token) {
        return layer(block.router().layer().orElseThrow(), token);
    }

    private static double[] layer(SideLayer layer, double[] token) {
        return switch (layer) {
            case SideLayer.Quantized quantized -> multiply(quantized.weight(), 0, token);
            case SideLayer.Floats floats -> {
                double[] y = new double[floats.bias().getSize()];
                for (int n = 0; n < y.length; n++) {
                    y[n] = floats.bias().get(n);
                    for (int k = 0; k < token.length; k++) {
                        y[n] += floats.weight().get(n * token.length + k) * token[k];
                    }
                }
                yield y;
            }
        };
    }

    private static double sigmoid(double x) {
        return 1 / (1 + Math.exp(-x));
    }

    private static void add(double[] sum, double[] result, double weight) {
        for (int h = 0; h < sum.length; h++) {
            sum[h] += weight * result[h];
        }
    }

    private static double[] mlp(ExpertMlp mlp, int expert, double[] token) {
        double[] gateUp = multiply(mlp.gateUp(), expert, token);
        double[] activated = new double[mlp.intermediate()];
        for (int i = 0; i < activated.length; i++) {
            activated[i] = activate(mlp.activation(), gateUp[i], gateUp[activated.length + i]);
        }
        return multiply(mlp.down(), expert, activated);
    }

    private static double activate(GatedActivation activation, double gate, double up) {
        double limit = activation.limit();
        double g = Math.min(gate, limit);
        double u = Math.clamp(up, -limit, limit);
        return (u + activation.upOffset()) * g / (1 + Math.exp(-activation.alpha() * g));
    }

    private static double[] multiply(ExpertWeights weights, int expert, double[] x) {
        ExpertMatrix matrix = Blocks.matrix(weights);
        double[] y = new double[matrix.outputs()];
        for (int n = 0; n < y.length; n++) {
            int row = expert * matrix.outputs() + n;
            y[n] = matrix.stacked().bias().get(row);
            for (int k = 0; k < x.length; k++) {
                y[n] += matrix.matrix().value(row, k) * x[k];
            }
        }
        return y;
    }
}
