package org.quantado.models.decoder;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Set;
import java.util.stream.Stream;

import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.quantado.models.GoldenModels;
import org.quantado.schemes.checkpoint.SafetensorsFile;
import org.quantado.schemes.checkpoint.Tensor;
import org.quantado.schemes.model.Model;

/** Layers one after another give the states that a peer has computed. */
@Tag("device")
class LayerRunTest {
    private static final Offset<Float> TOLERANCE = Offset.offset(1e-4f);

    static Stream<Path> unquantized() {
        return GoldenModels.all().filter(folder -> folder.getParent().endsWith("tiny"));
    }

    @ParameterizedTest
    @MethodSource("unquantized")
    void givesThePeersStates(Path folder) {
        try (Model model = Model.open(folder);
                SafetensorsFile expected = SafetensorsFile.open(folder.resolve("expected.safetensors"))) {
            DecoderLayers layers = DecoderLayers.of(model);
            int[] ids = ids(expected.tensor("input_ids"));
            float[] states = new float[ids.length * layers.spec().hidden()];
            layers.embed(ids, MemorySegment.ofArray(states));
            float[] all = expected.tensor("hidden_states").toFloats();
            for (int layer = 0; layer < layers.spec().layers().size(); layer++) {
                Set<TapPoint> seen = new HashSet<>();
                try (LayerRun run = layers.open(layer, ids.length, point -> true)) {
                    run.run(MemorySegment.ofArray(states), MemorySegment.ofArray(states), ids.length,
                            (point, values, count, width) -> {
                                assertThat(count).isEqualTo(ids.length);
                                assertThat(values.getSize()).isGreaterThanOrEqualTo(count * width);
                                seen.add(point);
                            });
                }
                assertThat(seen).containsExactlyInAnyOrderElementsOf(layers.taps(layer));
                for (int i = 0; i < states.length; i++) {
                    assertThat(states[i]).isCloseTo(all[layer * states.length + i], TOLERANCE);
                }
            }
        }
    }

    private static int[] ids(Tensor tensor) {
        long[] all = tensor.toLongs();
        int[] ids = new int[all.length];
        for (int i = 0; i < ids.length; i++) {
            ids[i] = (int) all[i];
        }
        return ids;
    }
}
