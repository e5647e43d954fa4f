package org.quantado.moe;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.quantado.kernels.codec.ModelDtype;
import org.quantado.kernels.experts.GatedActivation;
import org.quantado.kernels.routing.ScoreFunction;
import org.quantado.kernels.routing.TopKRouter;
import org.quantado.schemes.config.ConfigGroup;
import org.quantado.schemes.config.ModelConfig;
import org.quantado.schemes.linear.OnlineFormat;
import org.quantado.schemes.linear.SchemeException;

class MoeMethodsTest {
    private static final String WEIGHTS = "{\"num_bits\": 4, \"type\": \"int\", \"strategy\": \"channel\"}";
    private static final String INPUT = "{\"num_bits\": 8, \"type\": \"int\", \"strategy\": \"token\", \"dynamic\": true}";

    @TempDir
    private Path folder;

    private static MoeSpec spec(int hidden, int intermediate, int topK) {
        return MoeSpec.of("mlp", TopKRouter.of(4, topK, ScoreFunction.SOFTMAX, true), hidden, intermediate,
                GatedActivation.SILU, ModelDtype.BF16);
    }

    @Test
    void onlineMxfp8AsksForWholeGroups() {
        MoeMethod method = MoeMethod.online(OnlineFormat.MXFP8);
        assertThatCode(() -> method.createWeights(spec(64, 32, 2))).doesNotThrowAnyException();
        for (MoeSpec spec : new MoeSpec[]{spec(48, 32, 2), spec(64, 40, 2),
                spec(64, 32, 2).withParallel(MoeParallel.tensors(0, 2))}) {
            assertThatThrownBy(() -> method.createWeights(spec)).isInstanceOf(SchemeException.class)
                    .hasMessage("Online MXFP8 MoE requires hidden/intermediate sizes divisible by 32.");
        }
    }

    @Test
    void w4a8AsksForWholeGroups() {
        assertThatCode(() -> MoeMethods.w4a8Int8(MoeMethods.CHANNEL, false).createWeights(spec(50, 30, 2)))
                .doesNotThrowAnyException();
        assertThatThrownBy(() -> MoeMethods.w4a8Int8(64, false).createWeights(spec(128, 96, 2)))
                .isInstanceOf(SchemeException.class).hasMessage("Group size (64) must evenly divide both hidden size"
                        + " (128) and intermediate size per partition (96).");
    }

    @Test
    void w4a8AsksForFourBitsAndDynamicTokens() throws IOException {
        requireW4A8(WEIGHTS, INPUT);
        assertThatThrownBy(() -> requireW4A8(WEIGHTS,
                "{\"num_bits\": 8, \"type\": \"int\", \"strategy\": \"tensor\", \"dynamic\": false}"))
                .isInstanceOf(SchemeException.class)
                .hasMessage("W4A8-int MoE needs dynamic per-token activation quantization.");
        assertThatThrownBy(() -> requireW4A8(
                "{\"num_bits\": 8, \"type\": \"int\", \"strategy\": \"channel\"}", INPUT))
                .isInstanceOf(SchemeException.class)
                .hasMessage("This method only supports 4-bit weights (num_bits=4).");
    }

    private void requireW4A8(String weights, String input) throws IOException {
        Path file = folder.resolve("config.json");
        Files.writeString(file, new ObjectMapper().readTree("{\"quantization_config\": {\"quant_method\":"
                + " \"compressed-tensors\", \"format\": \"int-quantized\", \"config_groups\": {\"group_0\": {\"targets\":"
                + " [\"Linear\"], \"weights\": " + weights + ", \"input_activations\": " + input + "}}}}").toString());
        ConfigGroup group = ModelConfig.read(file).quantization().orElseThrow().groups().iterator().next();
        MoeMethods.requireW4A8(group.weights().orElseThrow(), group.inputActivations().orElseThrow());
    }

    @Test
    void weightsOnInputsAreForOneExpertOnly() {
        MoeMethod method = MoeMethod.online(OnlineFormat.MXFP8);
        assertThatCode(() -> method.createWeights(spec(64, 32, 1).withRouterWeight(RouterWeight.ON_ROUNDED_INPUT)))
                .doesNotThrowAnyException();
        assertThatThrownBy(() -> method.createWeights(spec(64, 32, 2).withRouterWeight(RouterWeight.ON_ROUNDED_INPUT)))
                .isInstanceOf(SchemeException.class)
                .hasMessage("apply_router_weight_on_input is only implemented for topk=1");
        assertThatCode(() -> MoeMethods.w4a8Int8(32, false)
                .createWeights(spec(64, 32, 2).withRouterWeight(RouterWeight.ON_ROUNDED_INPUT)))
                .doesNotThrowAnyException();
    }
}
