package org.quantado.models.family;

import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

import org.quantado.models.family.AttentionSpec.QkNorm;

/** What a family is, in words of its own: everything in which it differs from Llama, which is what {@link #of} gives. */
final class Description {
    final List<String> modelTypes;
    NormPlacement norms = NormPlacement.BEFORE;
    float weightOffset;
    double epsilon = 1e-6;
    Switch qkvBias = Switch.OFF;
    Switch outputBias = Switch.OFF;
    Switch mlpBias = Switch.OFF;
    boolean fused;
    QkNorm qkNorm = QkNorm.NONE;
    Switch hasQkNorm = Switch.ON;
    OptionalInt headSize = OptionalInt.empty();
    Optional<Factor> scale = Optional.empty();
    boolean softCaps;
    boolean sinks;
    Windows windows = Windows.NONE;
    double ropeBase = 10000;
    double partialRotary = 1;
    OptionalInt localRopeBase = OptionalInt.empty();
    String activationField = "hidden_act";
    String activation = "silu";
    Factor embedding = Factor.ONE;
    Factor residual = Factor.ONE;
    Factor logits = Factor.ONE;
    boolean tied;
    boolean latent;

    private Description(List<String> modelTypes) {
        this.modelTypes = modelTypes;
    }

    /** As Llama, under these names. */
    static Description of(String... modelTypes) {
        return new Description(List.of(modelTypes));
    }

    /** Norms that stand elsewhere. */
    Description norms(NormPlacement placement) {
        norms = placement;
        return this;
    }

    /** Weights of norms are stored as their difference from 1. */
    Description normsAroundOne() {
        weightOffset = 1;
        return this;
    }

    /** The {@code rms_norm_eps} where the config has none. */
    Description epsilon(double byDefault) {
        epsilon = byDefault;
        return this;
    }

    /** Biases of q, k and v, of the output, and of the MLP. */
    Description biases(Switch ofQkv, Switch ofOutput, Switch ofMlp) {
        qkvBias = ofQkv;
        outputBias = ofOutput;
        mlpBias = ofMlp;
        return this;
    }

    /** {@code qkv_proj} and {@code gate_up_proj} on disk. */
    Description fusedOnDisk() {
        fused = true;
        return this;
    }

    /** {@code q_norm} and {@code k_norm}. */
    Description qkNorm(QkNorm over, Switch on) {
        qkNorm = over;
        hasQkNorm = on;
        return this;
    }

    /** The {@code head_dim} where the config has none, and it is not the hidden size by the heads. */
    Description headSize(int byDefault) {
        headSize = OptionalInt.of(byDefault);
        return this;
    }

    /** What scores are multiplied by, where it is not 1 over the root of the head size. */
    Description scale(Factor factor) {
        scale = Optional.of(factor);
        return this;
    }

    /** {@code attn_logit_softcapping} and {@code final_logit_softcapping}. */
    Description softCaps() {
        softCaps = true;
        return this;
    }

    Description sinks() {
        sinks = true;
        return this;
    }

    Description windows(Windows some) {
        windows = some;
        return this;
    }

    /** The base of rope where the config has none. */
    Description ropeBase(double byDefault) {
        ropeBase = byDefault;
        return this;
    }

    /** The {@code partial_rotary_factor} where the config has none. */
    Description partialRotary(double byDefault) {
        partialRotary = byDefault;
        return this;
    }

    /** Layers with a window have a base of their own, and no scaling. */
    Description localRopeBase(int byDefault) {
        localRopeBase = OptionalInt.of(byDefault);
        return this;
    }

    /** The field that names the activation, and its value where the config has none. */
    Description activation(String field, String byDefault) {
        activationField = field;
        activation = byDefault;
        return this;
    }

    /** What embeddings are multiplied by. */
    Description embedding(Factor factor) {
        embedding = factor;
        return this;
    }

    /** What is added to the residual stream is multiplied by. */
    Description residual(Factor factor) {
        residual = factor;
        return this;
    }

    /** What logits are multiplied by. */
    Description logits(Factor factor) {
        logits = factor;
        return this;
    }

    /** The embedding gives the logits where the config does not say otherwise. */
    Description tied() {
        tied = true;
        return this;
    }

    /** Latent attention. */
    Description latent() {
        latent = true;
        return this;
    }
}
