package org.quantado.models.smoothing;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.quantado.kernels.codec.ModelDtype;
import org.quantado.schemes.checkpoint.Checkpoint;
import org.quantado.schemes.checkpoint.Tensor;
import org.quantado.schemes.quantize.FloatWeight;

/** A small Llama of the golden data in binary64, in which each module can be run by itself. */
final class ReferenceLlama {
    private final JsonNode config;
    private final int heads;
    private final int keyHeads;
    private final int headSize;
    private final Map<String, FloatWeight> weights = new HashMap<>();

    ReferenceLlama(Path folder) throws IOException {
        config = new ObjectMapper().readTree(folder.resolve("config.json").toFile());
        assertThat(config.get("model_type").asText()).isEqualTo("llama");
        heads = config.get("num_attention_heads").asInt();
        keyHeads = config.get("num_key_value_heads").asInt();
        headSize = config.get("head_dim").asInt();
        try (Checkpoint checkpoint = Checkpoint.open(folder)) {
            for (String name : checkpoint.names()) {
                Tensor tensor = checkpoint.tensor(name);
                int columns = (int) tensor.shape().dimension(tensor.shape().rank() - 1);
                String module = name.replace(".weight", "");
                weights.put(module,
                        new FloatWeight(module, tensor.toFloats(), (int) tensor.elements() / columns, columns,
                                ModelDtype.F32));
            }
        }
    }

    FloatWeight weight(String module) {
        return weights.get(module);
    }

    /** What modules read, by their names, of one sequence: of attentions, MLPs and down projections. */
    Map<String, double[][]> inputs(int[] ids) {
        Map<String, double[][]> inputs = new HashMap<>();
        List<double[]> rows = new ArrayList<>();
        for (int id : ids) {
            rows.add(row(weight("model.embed_tokens"), id));
        }
        double[][] hidden = rows.toArray(double[][]::new);
        for (int layer = 0; layer < config.get("num_hidden_layers").asInt(); layer++) {
            String prefix = "model.layers." + layer;
            double[][] normed = norm(hidden, weight(prefix + ".input_layernorm"));
            inputs.put(prefix + ".self_attn", normed);
            add(hidden, attention(prefix + ".self_attn", normed, Map.of()));
            double[][] normedAgain = norm(hidden, weight(prefix + ".post_attention_layernorm"));
            inputs.put(prefix + ".mlp", normedAgain);
            inputs.put(prefix + ".mlp.down_proj", gated(prefix + ".mlp", normedAgain, Map.of()));
            add(hidden, run(prefix + ".mlp", normedAgain, Map.of()));
        }
        return inputs;
    }

    /** Runs a module, with other weights of some of its layers. */
    double[][] run(String module, double[][] x, Map<String, FloatWeight> others) {
        if (module.endsWith(".self_attn")) {
            return attention(module, x, others);
        }
        return module.endsWith(".mlp")
                ? linear(gated(module, x, others), layer(module + ".down_proj", others))
                : linear(x, layer(module, others));
    }

    private FloatWeight layer(String name, Map<String, FloatWeight> others) {
        return others.getOrDefault(name, weight(name));
    }

    private double[][] gated(String mlp, double[][] x, Map<String, FloatWeight> others) {
        double[][] gate = linear(x, layer(mlp + ".gate_proj", others));
        double[][] up = linear(x, layer(mlp + ".up_proj", others));
        for (int m = 0; m < gate.length; m++) {
            for (int i = 0; i < gate[m].length; i++) {
                up[m][i] *= gate[m][i] / (1 + Math.exp(-gate[m][i]));
            }
        }
        return up;
    }

    private double[][] attention(String module, double[][] x, Map<String, FloatWeight> others) {
        double[][] q = turned(linear(x, layer(module + ".q_proj", others)));
        double[][] k = turned(linear(x, layer(module + ".k_proj", others)));
        double[][] v = linear(x, layer(module + ".v_proj", others));
        double[][] mixed = new double[x.length][heads * headSize];
        for (int head = 0; head < heads; head++) {
            int keyHead = head / (heads / keyHeads);
            for (int m = 0; m < x.length; m++) {
                double[] scores = new double[m + 1];
                double sum = 0;
                for (int past = 0; past <= m; past++) {
                    double dot = 0;
                    for (int i = 0; i < headSize; i++) {
                        dot += q[m][head * headSize + i] * k[past][keyHead * headSize + i];
                    }
                    scores[past] = Math.exp(dot / Math.sqrt(headSize));
                    sum += scores[past];
                }
                for (int past = 0; past <= m; past++) {
                    for (int i = 0; i < headSize; i++) {
                        mixed[m][head * headSize + i] += scores[past] / sum * v[past][keyHead * headSize + i];
                    }
                }
            }
        }
        return linear(mixed, layer(module + ".o_proj", others));
    }

    /** Turns each head by its position, half against half. */
    private double[][] turned(double[][] heads) {
        int half = headSize / 2;
        for (int m = 0; m < heads.length; m++) {
            for (int first = 0; first < heads[m].length; first += headSize) {
                for (int i = 0; i < half; i++) {
                    double angle = m * frequency(i);
                    double a = heads[m][first + i];
                    double b = heads[m][first + i + half];
                    heads[m][first + i] = a * Math.cos(angle) - b * Math.sin(angle);
                    heads[m][first + i + half] = b * Math.cos(angle) + a * Math.sin(angle);
                }
            }
        }
        return heads;
    }

    private double frequency(int i) {
        double frequency = Math.pow(config.get("rope_theta").asDouble(), -2.0 * i / headSize);
        JsonNode scaling = config.get("rope_scaling");
        double wavesInContext = scaling.get("original_max_position_embeddings").asInt() * frequency / (2 * Math.PI);
        double low = scaling.get("low_freq_factor").asDouble();
        double kept = Math.clamp((wavesInContext - low) / (scaling.get("high_freq_factor").asDouble() - low), 0, 1);
        return kept * frequency + (1 - kept) * frequency / scaling.get("factor").asDouble();
    }

    private double[][] norm(double[][] x, FloatWeight weight) {
        double[][] normed = new double[x.length][];
        for (int m = 0; m < x.length; m++) {
            double squares = 0;
            for (double value : x[m]) {
                squares += value * value;
            }
            double scale = 1 / Math.sqrt(squares / x[m].length + config.get("rms_norm_eps").asDouble());
            normed[m] = new double[x[m].length];
            for (int i = 0; i < x[m].length; i++) {
                normed[m][i] = x[m][i] * scale * weight.values()[i];
            }
        }
        return normed;
    }

    private static double[][] linear(double[][] x, FloatWeight weight) {
        double[][] y = new double[x.length][weight.rows()];
        for (int m = 0; m < x.length; m++) {
            for (int n = 0; n < weight.rows(); n++) {
                for (int k = 0; k < weight.columns(); k++) {
                    y[m][n] += x[m][k] * weight.get(n, k);
                }
            }
        }
        return y;
    }

    private static double[] row(FloatWeight weight, int row) {
        double[] values = new double[weight.columns()];
        for (int k = 0; k < values.length; k++) {
            values[k] = weight.get(row, k);
        }
        return values;
    }

    private static void add(double[][] hidden, double[][] more) {
        for (int m = 0; m < hidden.length; m++) {
            for (int i = 0; i < hidden[m].length; i++) {
                hidden[m][i] += more[m][i];
            }
        }
    }
}
