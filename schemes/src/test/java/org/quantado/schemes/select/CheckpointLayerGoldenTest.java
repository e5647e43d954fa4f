package org.quantado.schemes.select;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.TestFactory;
import org.quantado.schemes.Golden;
import org.quantado.schemes.checkpoint.Checkpoint;
import org.quantado.schemes.checkpoint.DType;
import org.quantado.schemes.dialect.Dialects;

/** What is chosen for the layers of quantized checkpoints agrees with what is stored of them. */
@Tag("golden")
class CheckpointLayerGoldenTest {

    @TestFactory
    Stream<DynamicTest> choiceAgreesWithTensors() {
        return Golden.tests("quantized checkpoints", CheckpointLayerGoldenTest::isQuantizedCheckpoint,
                folder -> {
                    try (Checkpoint checkpoint = Checkpoint.open(folder)) {
                        Dialects.Read read = Dialects.read(checkpoint);
                        SchemeSelector selector = SchemeSelector
                                .of(read.config().quantization().orElseThrow(), FusedModules.NONE);
                        assertThat(CheckpointLayer.of(read.tensors())).isNotEmpty()
                                .allSatisfy(layer -> check(layer,
                                        selector.select(layer.name(), layer.layerClass())));
                    }
                });
    }

    private static void check(CheckpointLayer layer, Selection selection) {
        switch (selection) {
            case Selection.Selected selected -> {
                assertThat(selected.weights()).isNotNull();
                assertThat(layer).matches(some -> some.tensors().containsKey("weight_scale") || some.isUnquantized());
            }
            case Selection.Unquantized unquantized -> {
                assertThat(unquantized.reason()).isNotBlank();
                assertThat(layer.tensors()).doesNotContainKey("weight_scale");
                assertThat(layer.tensors().get("weight").dtype()).isIn(DType.BF16, DType.F16, DType.F32);
            }
            case Selection.Unsupported unsupported ->
                assertThat(unsupported.peerError()).isEqualTo("NotImplementedError");
        }
    }

    @TestFactory
    Stream<DynamicTest> experts() {
        return Golden.tests("quantized checkpoints with experts", path -> isQuantizedCheckpoint(path)
                && Golden.json(path.resolve("config.json")).path("num_experts").asInt() > 0, folder -> {
                    try (Checkpoint checkpoint = Checkpoint.open(folder)) {
                        assertThat(CheckpointLayer.of(checkpoint))
                                .filteredOn(layer -> layer.name().contains(".experts."))
                                .hasSize(3 * Golden.json(folder.resolve("config.json")).path("num_experts")
                                        .asInt())
                                .allMatch(layer -> layer.layerClass() == LayerClass.EXPERT_LINEAR);
                        assertThat(CheckpointLayer.of(checkpoint))
                                .filteredOn(layer -> layer.layerClass() == LayerClass.ROUTER)
                                .extracting(CheckpointLayer::name).allMatch(name -> name.endsWith(".gate"));
                    }
                });
    }

    private static boolean isQuantizedCheckpoint(Path folder) {
        return !Golden.isBad(folder) && Files.exists(folder.resolve("config.json"))
                && Golden.json(folder.resolve("config.json")).has("quantization_config")
                && (Files.exists(folder.resolve("model.safetensors"))
                        || Files.exists(folder.resolve("model-00001-of-00002.safetensors")));
    }
}
