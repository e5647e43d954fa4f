package org.quantado.moe;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.ByteOrder;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.TestFactory;
import org.quantado.kernels.codec.E8M0;
import org.quantado.kernels.codec.ModelDtype;
import org.quantado.kernels.experts.GatedActivation;
import org.quantado.kernels.experts.MoeBlock;
import org.quantado.kernels.matmul.ExpertMatrix;
import org.quantado.kernels.routing.ExpertPlacement;
import org.quantado.kernels.routing.ScoreFunction;
import org.quantado.kernels.routing.TopKRouter;
import org.quantado.schemes.checkpoint.Checkpoint;
import org.quantado.schemes.checkpoint.Tensor;
import org.quantado.schemes.checkpoint.TensorSource;
import org.quantado.schemes.linear.Activations;
import org.quantado.schemes.linear.OnlineFormat;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

@Tag("device")
@Tag("golden")
class Mxfp8OnlineGoldenTest {
    private static final double TOLERANCE = 1e-5;
    private static final String SHARED = "model.layers.0.mlp.shared_experts";

    /** Today's rule and that of the past. */
    private enum Rule {
        HEAD(OnlineFormat.MXFP8), SEED(OnlineFormat.MXFP8_FLOOR);

        private final OnlineFormat format;

        Rule(OnlineFormat format) {
            this.format = format;
        }

        String suffix() {
            return "_" + name().toLowerCase(Locale.ROOT);
        }
    }

    @TestFactory
    Stream<DynamicTest> quantizesAndRunsAsThePeerDoes() {
        return Golden.casesOfEachFlavour("moe/mxfp8_online", (folder, facts) -> {
            try (Checkpoint weights = Checkpoint.open(folder.resolve("weights.safetensors"));
                    Checkpoint quantised = Checkpoint.open(folder.resolve("quantised.safetensors"));
                    Checkpoint golden = Checkpoint.open(folder.resolve("expected.safetensors"))) {
                for (Rule rule : Rule.values()) {
                    new Case(weights, quantised, golden, spec(facts), rule).check();
                }
            }
        });
    }

    private record Case(Checkpoint weights, Checkpoint quantised, Checkpoint golden, MoeSpec spec, Rule rule) {
        void check() {
            MoeBlock block = Blocks.of(method().assemble(loaded(spec), Activations.OFF));
            assertCodes(Blocks.matrix(block.experts().gateUp()), "w13");
            assertCodes(Blocks.matrix(block.experts().down()), "w2");
            block.shared().ifPresent(shared -> {
                assertCodes(Blocks.matrix(shared.mlp().gateUp()), "shared_gate_up");
                assertCodes(Blocks.matrix(shared.mlp().down()), "shared_down");
            });
            try (QuantizedMoe moe = load(spec, Activations.OFF)) {
                assertOutput(moe, "y_ref_w8a16");
            }
            try (QuantizedMoe moe = load(spec, Activations.CONFIG)) {
                assertOutput(moe, "y_ref_w8a8");
                assertOutputByLogits(moe, "y_ref_w8a8");
            }
            if (golden.find("expert_map_linear").isPresent()) {
                assertRanks(Activations.OFF, "y_rank_w8a16");
                assertRanks(Activations.CONFIG, "y_rank_w8a8");
            }
        }

        private QuantizedMoe load(MoeSpec part, Activations activations) {
            return method().processWeightsAfterLoading(loaded(part), activations);
        }

        private MoeMethod method() {
            return MoeMethod.online(rule.format);
        }

        private LoadedMoe loaded(MoeSpec part) {
            return method().createWeights(part).load(new StackedExperts(new SharedNames(weights)));
        }

        private void assertCodes(ExpertMatrix matrix, String name) {
            Tensor codes = quantised.tensor(name + "_q" + rule.suffix());
            assertThat(matrix.matrix().words().getSegment().asByteBuffer().order(ByteOrder.nativeOrder()))
                    .isEqualTo(codes.data().asByteBuffer().order(ByteOrder.nativeOrder()));
            byte[] scales = quantised.tensor(name + "_scale" + rule.suffix()).toBytes();
            for (int i = 0; i < scales.length; i++) {
                assertThat(matrix.matrix().scales().get(i))
                        .isEqualTo(E8M0.decode(Byte.toUnsignedInt(scales[i])));
            }
        }

        private void assertOutput(QuantizedMoe moe, String name) {
            float[] expected = golden.tensor(name + rule.suffix()).toFloats();
            Golden.assertRows(modular(moe), expected, spec.hidden(), TOLERANCE);
        }

        private void assertOutputByLogits(QuantizedMoe moe, String name) {
            float[] expected = golden.tensor(name + rule.suffix()).toFloats();
            FloatArray monolithic = moe.apply(Golden.floats(golden.tensor("x")),
                    Golden.floats(golden.tensor("router_logits")));
            Golden.assertRows(monolithic, expected, spec.hidden(), TOLERANCE);
        }

        private FloatArray modular(QuantizedMoe moe) {
            return moe.apply(Golden.floats(golden.tensor("x")), Golden.floats(golden.tensor("topk_weights")),
                    IntArray.fromArray(golden.tensor("topk_ids").toInts()));
        }

        private void assertRanks(Activations activations, String name) {
            for (ExpertPlacement placement : ExpertPlacement.values()) {
                Tensor ranks = golden
                        .tensor(name + rule.suffix() + "_" + placement.name().toLowerCase(Locale.ROOT));
                int size = (int) ranks.shape().dimension(0);
                for (int rank = 0; rank < size; rank++) {
                    MoeSpec part = spec.withParallel(MoeParallel.experts(placement, rank, size));
                    try (QuantizedMoe moe = load(part, activations)) {
                        Golden.assertRows(modular(moe), ranks.part(rank).toFloats(), spec.hidden(), TOLERANCE);
                    }
                }
            }
        }
    }

    private static MoeSpec spec(JsonNode facts) {
        TopKRouter router = TopKRouter.of(facts.get("num_experts").intValue(), facts.get("top_k").intValue(),
                ScoreFunction.SOFTMAX, facts.get("renormalize").booleanValue());
        MoeSpec spec = MoeSpec.of("model.layers.0.mlp", router, facts.get("hidden_size").intValue(),
                facts.get("intermediate_size").intValue(), GatedActivation.SILU, ModelDtype.BF16);
        if (facts.hasNonNull("shared_intermediate_size")) {
            spec = spec.withShared(new MoeSpec.Shared(SHARED, facts.get("shared_intermediate_size").intValue(),
                    Optional.empty()));
        }
        return facts.get("apply_router_weight_on_input").booleanValue()
                ? spec.withRouterWeight(RouterWeight.ON_ROUNDED_INPUT)
                : spec;
    }

    /** The shared experts of the golden data under the names that checkpoints have. */
    private record SharedNames(TensorSource weights) implements TensorSource {
        @Override
        public Optional<Tensor> find(String name) {
            return name.startsWith(SHARED) && !name.endsWith(".weight") ? Optional.empty() : weights.find(name);
        }

        @Override
        public Tensor tensor(String name) {
            if (!name.startsWith(SHARED)) {
                return weights.tensor(name);
            }
            if (name.endsWith("down_proj.weight")) {
                return weights.tensor("shared_down_weight");
            }
            Tensor gateUp = weights.tensor("shared_gate_up_weight");
            long rows = gateUp.shape().dimension(0);
            return name.endsWith("gate_proj.weight") ? gateUp.rows(0, rows / 2) : gateUp.rows(rows / 2, rows);
        }

        @Override
        public List<String> namesThatBegin(String beginning) {
            return beginning.startsWith(SHARED) ? List.of(beginning + "weight") : weights.namesThatBegin(beginning);
        }
    }
}
