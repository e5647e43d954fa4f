package org.quantado.models.family;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.Predicate;
import java.util.stream.IntStream;

import org.quantado.kernels.experts.GatedActivation;
import org.quantado.models.family.AttentionSpec.QkNorm;
import org.quantado.moe.family.LanguageConfig;
import org.quantado.moe.family.MoeFacts;
import org.quantado.moe.family.MoeFamily;
import org.quantado.schemes.checkpoint.CheckpointException;

/** Applies the description of a family to a config. */
public final class DecoderReader {
    private static final Map<String, GatedActivation> ACTIVATIONS = Map.of("silu", GatedActivation.SILU, "gelu",
            GatedActivation.GELU, "gelu_pytorch_tanh", GatedActivation.GELU_TANH);
    private static final List<String> HEADS = List.of("lm_head", "language_model.lm_head");

    private final LanguageConfig config;
    private final Description family;
    private final RopeReader rope;

    private DecoderReader(LanguageConfig config) {
        this.config = config;
        this.family = DecoderFamily.of(config);
        this.rope = new RopeReader(config, family);
    }

    /**
     * The decoder that a config describes.
     *
     * @param file a {@code config.json}
     * @param hasModule whether the checkpoint has a module of this name
     * @throws CheckpointException if the family is not described, or a field is missing or has a value that it does not
     *     know
     */
    public static DecoderSpec read(Path file, Predicate<String> hasModule) {
        LanguageConfig config = LanguageConfig.read(file);
        List<String> prefixes = LanguageConfig.prefixes(file);
        DecoderReader reader = new DecoderReader(config);
        String prefix = prefixes.stream().filter(some -> hasModule.test(some + "embed_tokens")).findFirst()
                .orElseThrow(() -> new CheckpointException(file.getParent().toString(),
                        "no module embed_tokens", "one whose name begins as one of " + prefixes));
        return reader.decoder(prefix, hasModule);
    }

    private DecoderSpec decoder(String prefix, Predicate<String> hasModule) {
        if (config.bool("use_bidirectional_attention").orElse(false)) {
            throw config.wrong("use_bidirectional_attention", true, "false: tokens look at those before them");
        }
        int hidden = required("hidden_size");
        Optional<MoeFacts> experts = MoeFamily.find(config.modelType()).map(some -> MoeFacts.of(config));
        boolean tied = config.bool("tie_word_embeddings").orElse(family.tied);
        Optional<String> head = tied
                ? Optional.empty()
                : Optional.of(HEADS.stream().filter(hasModule).findFirst()
                        .orElseThrow(() -> config.wrong("tie_word_embeddings", "false",
                                "a module of the name lm_head in the checkpoint")));
        return new DecoderSpec(config.modelType(), prefix, head, hidden, required("vocab_size"),
                required("max_position_embeddings"), (float) family.embedding.of(config),
                new NormSpec(config.number("rms_norm_eps").orElse(family.epsilon).floatValue(), family.weightOffset),
                IntStream.range(0, required("num_hidden_layers"))
                        .mapToObj(layer -> layer(prefix + "layers." + layer, layer, hidden, experts)).toList(),
                (float) family.logits.of(config), cap("final_logit_softcapping"),
                config.integer("num_nextn_predict_layers").orElse(0), experts);
    }

    private LayerSpec layer(String module, int layer, int hidden, Optional<MoeFacts> experts) {
        int window = family.windows.of(config, layer);
        boolean hasExperts = experts.map(facts -> facts.hasExperts(layer)).orElse(false);
        return new LayerSpec(module, layer, family.norms,
                family.latent ? latent() : ofHeads(hidden, window), window,
                hasExperts ? Optional.empty() : Optional.of(mlp()), (float) family.residual.of(config));
    }

    private MlpSpec mlp() {
        String name = config.text(family.activationField).orElse(family.activation);
        GatedActivation activation = Optional.ofNullable(ACTIVATIONS.get(name))
                .orElseThrow(() -> config.wrong(family.activationField, CheckpointException.quote(name),
                        "one of " + ACTIVATIONS.keySet().stream().sorted().toList()));
        return new MlpSpec(required("intermediate_size"), activation, family.fused, family.mlpBias.isOn(config));
    }

    private AttentionSpec ofHeads(int hidden, int window) {
        int heads = required("num_attention_heads");
        int kvHeads = config.count("num_key_value_heads", 0).orElse(heads);
        OptionalInt said = config.count("head_dim", 0);
        int size = said.orElseGet(() -> family.headSize.orElse(hidden / heads));
        if (heads % kvHeads != 0) {
            throw config.wrong("num_key_value_heads", kvHeads, "a divisor of num_attention_heads, " + heads);
        }
        return new AttentionSpec.OfHeads(heads, kvHeads, size,
                family.scale.map(factor -> (float) factor.of(config)).orElse((float) (1 / Math.sqrt(size))),
                cap("attn_logit_softcapping"), family.sinks, rope.read(size, window > 0, false),
                family.outputBias.isOn(config), family.fused, family.qkvBias.isOn(config),
                family.hasQkNorm.isOn(config) ? family.qkNorm : QkNorm.NONE);
    }

    private AttentionSpec latent() {
        int plain = required("qk_nope_head_dim");
        int turned = required("qk_rope_head_dim");
        return new AttentionSpec.Latent(required("num_attention_heads"), config.count("q_lora_rank", 0),
                required("kv_lora_rank"), plain, turned, required("v_head_dim"),
                (float) (rope.latentScale() / Math.sqrt(plain + turned)),
                rope.read(turned, false, config.bool("rope_interleave").orElse(true)),
                family.outputBias.isOn(config));
    }

    private Optional<Float> cap(String field) {
        return family.softCaps ? config.number(field).map(Double::floatValue) : Optional.empty();
    }

    private int required(String field) {
        return config.count(field, 0).orElseThrow(() -> config.wrong(field, "nothing", "a positive integer"));
    }
}
