package org.quantado.moe;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.TestFactory;
import org.quantado.kernels.codec.ModelDtype;
import org.quantado.kernels.experts.GatedActivation;
import org.quantado.kernels.experts.ExpertMlp;
import org.quantado.kernels.matmul.ExpertMatrix;
import org.quantado.kernels.quantize.Int8Quantizer;
import org.quantado.kernels.quantize.QuantizePlan;
import org.quantado.kernels.routing.ScoreFunction;
import org.quantado.kernels.routing.TopKRouter;
import org.quantado.kernels.routing.TopKWeights;
import org.quantado.schemes.checkpoint.Checkpoint;
import org.quantado.schemes.checkpoint.Tensor;
import org.quantado.schemes.checkpoint.TensorSource;
import org.quantado.schemes.linear.Activations;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

@Tag("device")
@Tag("golden")
class W4A8Int8GoldenTest {
    private static final String FOLDER = "moe/w4a8_int8";
    private static final double TOLERANCE = 1e-5;

    @TestFactory
    Stream<DynamicTest> runsAsThePeerDoes() {
        return Golden.casesOfEachFlavour(FOLDER, W4A8Int8GoldenTest::runAll);
    }

    @TestFactory
    Stream<DynamicTest> quantizesActivationsAsThePeersOperatorDoes() {
        return Golden.cases(FOLDER, (folder, facts) -> {
            for (JsonNode run : facts.get("runs")) {
                if (!run.get("apply_router_weight_on_input").booleanValue()) {
                    assertActivationCodes(folder.resolve(run.get("file").textValue()));
                }
            }
        });
    }

    private static void assertActivationCodes(Path file) {
        try (Checkpoint golden = Checkpoint.open(file)) {
            Tensor x = golden.tensor("x");
            int tokens = (int) x.shape().dimension(0);
            int hidden = (int) x.shape().dimension(1);
            try (QuantizePlan plan = new QuantizePlan(Int8Quantizer.ASYMMETRIC_WITH_ZERO, Byte.SIZE, tokens, hidden)) {
                plan.rows().copyFrom(Golden.floats(x), 0, tokens);
                plan.execute(tokens);
                byte[] expected = golden.tensor("x_q").toBytes();
                int[] codes = plan.codes();
                for (int i = 0; i < expected.length; i++) {
                    assertThat((byte) codes[i]).isEqualTo(expected[i]);
                }
                assertThat(plan.quantized().scaleCodes().toHeapArray())
                        .isEqualTo(golden.tensor("x_zero_point").toInts());
                assertThat(plan.quantized().scales().toHeapArray()).isEqualTo(golden.tensor("x_scale").toFloats());
            }
        }
    }

    private static void runAll(Path folder, JsonNode facts) {
        try (Checkpoint weights = Checkpoint.open(folder.resolve("weights.safetensors"))) {
            for (JsonNode run : facts.get("runs")) {
                try (Checkpoint golden = Checkpoint.open(folder.resolve(run.get("file").textValue()))) {
                    run(weights, golden, facts, run);
                }
            }
        }
    }

    private static void run(Checkpoint weights, Checkpoint golden, JsonNode facts, JsonNode run) {
        MoeSpec spec = spec(facts, run);
        boolean packed = !facts.get("int8_weights_stored").booleanValue();
        MoeMethod method = MoeMethods.w4a8Int8(facts.get("group_size").intValue(), packed);
        LoadedMoe loaded = method.createWeights(spec).load(new StackedExperts(new PackedNames(weights, packed)));
        ExpertMlp experts = Blocks.of(method.assemble(loaded, Activations.CONFIG)).experts();
        assertNibbles(weights.find("w13_packed_nibbles"), Blocks.matrix(experts.gateUp()));
        assertNibbles(weights.find("w2_packed_nibbles"), Blocks.matrix(experts.down()));
        try (QuantizedMoe moe = method.processWeightsAfterLoading(loaded, Activations.CONFIG)) {
            FloatArray x = Golden.floats(golden.tensor("x"));
            float[] expected = golden.tensor("y_ref").toFloats();
            FloatArray modular = moe.apply(x, Golden.floats(golden.tensor("topk_weights")),
                    IntArray.fromArray(golden.tensor("topk_ids").toInts()));
            Golden.assertRows(modular, expected, spec.hidden(), TOLERANCE);
            if (run.get("router_logits_dtype").textValue().equals("fp32")) {
                FloatArray monolithic = moe.apply(x, Golden.floats(golden.tensor("router_logits")));
                Golden.assertRows(monolithic, expected, spec.hidden(), TOLERANCE);
            }
        }
    }

    private static MoeSpec spec(JsonNode facts, JsonNode run) {
        ModelDtype dtype = switch (run.get("x_dtype").textValue()) {
            case "bf16" -> ModelDtype.BF16;
            case "fp16" -> ModelDtype.F16;
            default -> ModelDtype.F32;
        };
        TopKRouter router = new TopKRouter(facts.get("num_experts").intValue(), run.get("top_k").intValue(),
                ScoreFunction.SOFTMAX, TopKRouter.Choice.LOGITS,
                TopKWeights.of(run.get("renormalize").booleanValue()),
                Optional.empty(), 1);
        GatedActivation activation = run.get("activation").textValue().equals("silu")
                ? GatedActivation.SILU
                : GatedActivation.SWIGLU_OAI;
        MoeSpec spec = MoeSpec.of("model.layers.0.mlp", router, facts.get("hidden_size").intValue(),
                facts.get("intermediate_size").intValue(), activation, dtype);
        return run.get("apply_router_weight_on_input").booleanValue()
                ? spec.withRouterWeight(RouterWeight.ON_ROUNDED_INPUT)
                : spec;
    }

    /** The words of the kernels are the peer's nibbles, where those are known. */
    private static void assertNibbles(Optional<Tensor> nibbles, ExpertMatrix matrix) {
        nibbles.ifPresent(tensor -> assertThat(matrix.matrix().words().getSegment().asByteBuffer()
                .order(ByteOrder.nativeOrder()))
                .isEqualTo(tensor.data().asByteBuffer().order(ByteOrder.nativeOrder())));
    }

    /** Nibbles under the name of the peer's parameter; the golden data may have the weights in both forms. */
    private record PackedNames(TensorSource weights, boolean packed) implements TensorSource {
        @Override
        public Optional<Tensor> find(String name) {
            return weights.find(name.replace("_weight_packed", "_packed_nibbles"));
        }

        @Override
        public Tensor tensor(String name) {
            return weights.tensor(name.replace("_weight_packed", "_packed_nibbles"));
        }

        @Override
        public List<String> namesThatBegin(String beginning) {
            String other = packed ? "_weight" : "_packed_nibbles";
            return weights.namesThatBegin(beginning).stream().filter(name -> !name.endsWith(other))
                    .map(name -> name.replace("_packed_nibbles", "_weight_packed")).toList();
        }
    }
}
