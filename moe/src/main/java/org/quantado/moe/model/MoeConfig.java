package org.quantado.moe.model;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import org.quantado.kernels.experts.GatedActivation;
import org.quantado.kernels.routing.ExpertGroups;
import org.quantado.kernels.routing.ScoreFunction;
import org.quantado.kernels.routing.TopKRouter;
import org.quantado.schemes.checkpoint.CheckpointException;
import org.quantado.schemes.checkpoint.JsonFile;

/**
 * The facts of a {@code config.json} that blocks of experts depend on. Families of models have different names for
 * them, and defaults of their own.
 *
 * @param experts E
 * @param topK k
 * @param scores from logits to scores
 * @param renormalize whether the weights of a token are divided by their sum
 * @param groups the groups that limit the choice
 * @param scalingFactor what weights are multiplied by
 * @param activation between gate and up, and down
 */
record MoeConfig(OptionalInt experts, int topK, ScoreFunction scores, boolean renormalize,
        Optional<ExpertGroups> groups, float scalingFactor, GatedActivation activation) {
    private static final String TEXT_CONFIG = "text_config";
    private static final String GPT_OSS = "gpt_oss";
    /** Renormalize without saying so. */
    private static final Set<String> RENORMALIZED = Set.of("mixtral", GPT_OSS, "deepseek_v3");
    /** Score by sigmoid without saying so. */
    private static final Set<String> SCORED_BY_SIGMOID = Set.of("deepseek_v3");

    /**
     * Reads a config.
     *
     * @throws CheckpointException if a field is missing or wrong
     */
    static MoeConfig read(Path file) {
        return new Reader(file, JsonFile.readObject(file)).config();
    }

    TopKRouter router(int expertCount) {
        return new TopKRouter(expertCount, topK, scores, TopKRouter.Choice.SCORES, org.quantado.kernels.routing.TopKWeights.of(renormalize), groups, scalingFactor);
    }

    private record Reader(Path file, ObjectNode root) {
        MoeConfig config() {
            String modelType = find("model_type").map(node -> text("model_type", node)).orElse("");
            OptionalInt experts = firstCount("num_experts", "num_local_experts", "n_routed_experts");
            int topK = firstCount("num_experts_per_tok", "experts_per_token").orElseThrow(
                    () -> new CheckpointException(file, "num_experts_per_tok", "nothing",
                            "how many experts a token has"));
            if (experts.isPresent() && topK > experts.getAsInt()) {
                throw new CheckpointException(file, "num_experts_per_tok", String.valueOf(topK),
                        "at most the number of experts, " + experts.getAsInt());
            }
            return new MoeConfig(experts, topK, scores(modelType),
                    find("norm_topk_prob").map(node -> bool("norm_topk_prob", node))
                            .orElse(RENORMALIZED.contains(modelType)),
                    groups(), scalingFactor(), activation(modelType));
        }

        private ScoreFunction scores(String modelType) {
            Optional<JsonNode> named = find("scoring_func");
            if (named.isEmpty()) {
                return SCORED_BY_SIGMOID.contains(modelType) ? ScoreFunction.SIGMOID : ScoreFunction.SOFTMAX;
            }
            String name = text("scoring_func", named.get());
            for (ScoreFunction function : ScoreFunction.values()) {
                if (function.name().toLowerCase(Locale.ROOT).equals(name)) {
                    return function;
                }
            }
            throw new CheckpointException(file, "scoring_func", CheckpointException.quote(name), "softmax or sigmoid");
        }

        private Optional<ExpertGroups> groups() {
            OptionalInt count = firstCount("n_group");
            OptionalInt kept = firstCount("topk_group");
            if (count.isEmpty() || kept.isEmpty()) {
                return Optional.empty();
            }
            if (kept.getAsInt() > count.getAsInt()) {
                throw new CheckpointException(file, "topk_group", String.valueOf(kept.getAsInt()),
                        "at most n_group, " + count.getAsInt());
            }
            return Optional.of(new ExpertGroups(count.getAsInt(), kept.getAsInt()));
        }

        private float scalingFactor() {
            Optional<JsonNode> factor = find("routed_scaling_factor");
            boolean isNumber = factor.map(node -> node.isNumber() && Double.isFinite(node.doubleValue())).orElse(true);
            if (!isNumber) {
                throw wrong("routed_scaling_factor", factor.get(), "a number");
            }
            return factor.map(JsonNode::floatValue).orElse(1.0f);
        }

        private GatedActivation activation(String modelType) {
            if (modelType.equals(GPT_OSS)) {
                return GatedActivation.SWIGLU_OAI;
            }
            String name = find("hidden_act").map(node -> text("hidden_act", node)).orElse("silu");
            if (!name.equals("silu")) {
                throw new CheckpointException(file, "hidden_act", "Unknown MoE activation: "
                        + CheckpointException.shorten(name), "silu");
            }
            return GatedActivation.SILU;
        }

        private OptionalInt firstCount(String... names) {
            for (String name : names) {
                Optional<JsonNode> node = find(name);
                if (node.isPresent()) {
                    boolean isCount = node.get().isIntegralNumber() && node.get().canConvertToInt()
                            && node.get().intValue() > 0;
                    if (!isCount) {
                        throw wrong(name, node.get(), "a positive integer");
                    }
                    return OptionalInt.of(node.get().intValue());
                }
            }
            return OptionalInt.empty();
        }

        private String text(String name, JsonNode node) {
            if (!node.isTextual()) {
                throw wrong(name, node, "a string");
            }
            return node.textValue();
        }

        private boolean bool(String name, JsonNode node) {
            if (!node.isBoolean()) {
                throw wrong(name, node, "true or false");
            }
            return node.booleanValue();
        }

        /** Multimodal models keep the facts of their language model apart. */
        private Optional<JsonNode> find(String name) {
            return Optional.of(root.path(name)).filter(Reader::isPresent)
                    .or(() -> Optional.of(root.path(TEXT_CONFIG).path(name)).filter(Reader::isPresent));
        }

        private static boolean isPresent(JsonNode node) {
            return !node.isMissingNode() && !node.isNull();
        }

        private CheckpointException wrong(String name, JsonNode node, String expected) {
            return new CheckpointException(file, name, CheckpointException.shorten(node.toString()), expected);
        }
    }
}
