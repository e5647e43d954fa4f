package org.quantado.models.smoothing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.quantado.models.GoldenModels;
import org.quantado.schemes.checkpoint.SafetensorsFile;
import org.quantado.schemes.checkpoint.Tensor;
import org.quantado.schemes.config.ConfigGroup;
import org.quantado.schemes.config.Target;
import org.quantado.schemes.quantize.FloatWeight;
import org.quantado.schemes.quantize.WeightScheme;
import org.quantado.schemes.smooth.Awq;
import org.quantado.schemes.smooth.AwqChoice;
import org.quantado.schemes.smooth.BalancedLayer;
import org.quantado.schemes.smooth.ChannelStatistics;
import org.quantado.schemes.smooth.SmoothQuant;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;

/** The scales that llm-compressor finds for the same model and the same text. */
@Tag("golden")
class SmoothingGoldenTest {
    private static final double SCALES = 1e-5;
    private static final double ERRORS = 1e-3;

    static Stream<Path> smoothQuant() {
        return GoldenModels.smoothed("smoothquant");
    }

    static Stream<Path> awq() {
        return GoldenModels.smoothed("awq");
    }

    @ParameterizedTest
    @MethodSource("smoothQuant")
    void smoothQuantsScalesAreThoseOfThePeer(Path folder) throws IOException {
        JsonNode meta = json(folder);
        ReferenceLlama model = model(folder, meta);
        SmoothQuant smoothQuant = new SmoothQuant(meta.get("smoothing_strength").asDouble());
        try (SafetensorsFile peer = SafetensorsFile.open(folder.resolve("expected.safetensors"))) {
            List<Map<String, double[][]>> inputs = inputs(model, meta, peer);
            for (JsonNode mapping : meta.get("mappings")) {
                String smooth = mapping.get("smooth").asText();
                ChannelStatistics statistics = statistics(inputs, parent(mapping));
                List<FloatWeight> layers = balanced(mapping).stream().map(model::weight).toList();

                assertClose(statistics.ranges(), peer.tensor("range." + smooth));
                assertClose(smoothQuant.scales(layers, statistics.ranges()), peer.tensor("scales." + smooth));
            }
        }
    }

    @ParameterizedTest
    @MethodSource("awq")
    void awqsScalesAndRatiosAreThoseOfThePeer(Path folder) throws IOException {
        JsonNode meta = json(folder);
        ReferenceLlama model = model(folder, meta);
        WeightScheme scheme = scheme();
        try (SafetensorsFile peer = SafetensorsFile.open(folder.resolve("expected.safetensors"))) {
            List<Map<String, double[][]>> inputs = inputs(model, meta, peer);
            for (int i = 0; i < meta.get("mappings").size(); i++) {
                JsonNode mapping = meta.get("mappings").get(i);
                String smooth = mapping.get("smooth").asText();
                String parent = parent(mapping);
                float[] magnitudes = statistics(inputs, parent).meanMagnitudes();
                assertClose(magnitudes, peer.tensor("mean_abs." + smooth));
                List<BalancedLayer> layers = balanced(mapping).stream()
                        .map(name -> new BalancedLayer(model.weight(name), Optional.of(scheme), List.of(name)))
                        .toList();

                AwqChoice choice = Awq.DEFAULT.search(layers, magnitudes,
                        weights -> error(model, inputs, parent, weights));

                JsonNode chosen = meta.get("chosen").get(smooth);
                assertThat(choice.gridPoint()).as(smooth).isEqualTo(chosen.get("grid_index").asInt());
                assertThat(choice.ratio()).isEqualTo(chosen.get("ratio").asDouble());
                assertThat(choice.duoScaling()).isEqualTo(chosen.get("duo_scaling").asBoolean());
                assertClose(choice.scales(), peer.tensor("scales." + smooth));
                JsonNode errors = meta.get("error_metrics").get(i);
                assertClose(choice.initialError(), errors.get("initial_error").asDouble(), ERRORS);
                assertClose(choice.bestError(), errors.get("best_error").asDouble(), ERRORS);
            }
        }
    }

    private static WeightScheme scheme() throws IOException {
        JsonNode preset = new ObjectMapper().readTree("""
                {"weights": {"num_bits": 4, "symmetric": false, "strategy": "group", "group_size": 32}}""");
        ConfigGroup group = ConfigGroup.readPreset("group_0", Path.of("preset"), preset.deepCopy(),
                List.of(Target.of("Linear")));
        return WeightScheme.of(group);
    }

    /** Mean square of what a module misses with these weights, over all its outputs. */
    private static double error(ReferenceLlama model, List<Map<String, double[][]>> inputs, String parent,
            List<FloatWeight> weights) {
        Map<String, FloatWeight> others = new HashMap<>();
        weights.forEach(weight -> others.put(weight.name(), weight));
        double sum = 0;
        long count = 0;
        for (Map<String, double[][]> sequence : inputs) {
            double[][] own = model.run(parent, sequence.get(parent), Map.of());
            double[][] other = model.run(parent, sequence.get(parent), others);
            for (int m = 0; m < own.length; m++) {
                for (int i = 0; i < own[m].length; i++) {
                    sum += (own[m][i] - other[m][i]) * (own[m][i] - other[m][i]);
                    count++;
                }
            }
        }
        return sum / count;
    }

    private static List<Map<String, double[][]>> inputs(ReferenceLlama model, JsonNode meta, SafetensorsFile peer) {
        Tensor ids = peer.tensor("calibration_ids");
        List<Map<String, double[][]>> inputs = new ArrayList<>();
        int first = 0;
        for (JsonNode length : meta.get("calibration_lengths")) {
            int[] sequence = new int[length.asInt()];
            for (int i = 0; i < sequence.length; i++) {
                sequence[i] = (int) ids.integerAt(first + i);
            }
            first += sequence.length;
            inputs.add(model.inputs(sequence));
        }
        return inputs;
    }

    private static ChannelStatistics statistics(List<Map<String, double[][]>> inputs, String module) {
        ChannelStatistics statistics = new ChannelStatistics(inputs.getFirst().get(module)[0].length);
        for (Map<String, double[][]> sequence : inputs) {
            double[][] rows = sequence.get(module);
            FloatArray x = new FloatArray(rows.length * rows[0].length);
            for (int i = 0; i < x.getSize(); i++) {
                x.set(i, (float) rows[i / rows[0].length][i % rows[0].length]);
            }
            statistics.add(x, rows.length);
        }
        return statistics;
    }

    private static List<String> balanced(JsonNode mapping) {
        List<String> names = new ArrayList<>();
        mapping.get("balance").forEach(name -> names.add(name.asText()));
        return names;
    }

    /** The module that all layers of a mapping belong to: of one layer, that itself. */
    private static String parent(JsonNode mapping) {
        List<String> names = balanced(mapping);
        String first = names.getFirst();
        return names.size() == 1 ? first : first.substring(0, first.lastIndexOf('.'));
    }

    private static ReferenceLlama model(Path folder, JsonNode meta) throws IOException {
        return new ReferenceLlama(folder.resolve(meta.get("model").asText()).normalize());
    }

    private static JsonNode json(Path folder) throws IOException {
        return new ObjectMapper().readTree(folder.resolve("meta.json").toFile());
    }

    private static void assertClose(float[] ours, Tensor peer) {
        assertThat(ours).hasSize((int) peer.elements());
        for (int i = 0; i < ours.length; i++) {
            assertClose(ours[i], peer.floatAt(i), SCALES);
        }
    }

    private static void assertClose(double ours, double peer, double tolerance) {
        assertThat(ours).isCloseTo(peer, within(tolerance * Math.abs(peer)));
    }
}
