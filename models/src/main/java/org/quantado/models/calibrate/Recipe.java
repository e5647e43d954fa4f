package org.quantado.models.calibrate;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.Serializable;
import java.util.Optional;

import org.quantado.schemes.config.ActivationOrdering;
import org.quantado.schemes.config.ConfigGroup;
import org.quantado.schemes.config.DynamicType;
import org.quantado.schemes.config.QuantizationArgs;
import org.quantado.schemes.gptq.GptqOptions;
import org.quantado.schemes.quantize.Activation;
import org.quantado.schemes.quantize.QuantizeException;
import org.quantado.schemes.smooth.Awq;
import org.quantado.schemes.smooth.SmoothQuant;

/**
 * How layers are quantized whose inputs are known.
 *
 * @param smoothQuant what is hard about inputs is moved into weights first, if so
 * @param awq channels that matter are scaled up first, if so; not both
 * @param gptq how weights are rounded; empty for to nearest
 * @param order of columns for GPTQ, where the preset says none
 * @param activations the observer of activations, where it is to be another than the preset's
 * @param fp8Cache whether keys and values are to be cached as FP8
 * @param measured whether the errors that outputs of layers have are measured, too
 */
public record Recipe(Optional<SmoothQuant> smoothQuant, Optional<Awq> awq, Optional<GptqOptions> gptq,
        Optional<ActivationOrdering> order, Optional<ActivationObserver> activations, boolean fp8Cache,
        boolean measured) {
    /** To nearest, with static scales where the preset has them. */
    public static final Recipe TO_NEAREST = new Recipe(Optional.empty(), Optional.empty(), Optional.empty(),
            Optional.empty(), Optional.empty(), false, false);

    public Recipe {
        if (smoothQuant.isPresent() && awq.isPresent()) {
            throw new IllegalArgumentException("SmoothQuant and AWQ scale the same channels: expected one of them");
        }
    }

    /** GPTQ with these options. */
    public Recipe withGptq(GptqOptions options, Optional<ActivationOrdering> columns) {
        return new Recipe(smoothQuant, awq, Optional.of(options), columns, activations, fp8Cache, measured);
    }

    /** AWQ first. */
    public Recipe withAwq(Awq search) {
        return new Recipe(smoothQuant, Optional.of(search), gptq, order, activations, fp8Cache, measured);
    }

    /** SmoothQuant first. */
    public Recipe withSmoothQuant(SmoothQuant smoothing) {
        return new Recipe(Optional.of(smoothing), awq, gptq, order, activations, fp8Cache, measured);
    }

    /** Another observer of activations. */
    public Recipe withActivations(ActivationObserver observer) {
        return new Recipe(smoothQuant, awq, gptq, order, Optional.of(observer), fp8Cache, measured);
    }

    /** Keys and values cached as FP8. */
    public Recipe withFp8Cache() {
        return new Recipe(smoothQuant, awq, gptq, order, activations, true, measured);
    }

    /** With errors of outputs, for a report. */
    public Recipe withMeasurements() {
        return new Recipe(smoothQuant, awq, gptq, order, activations, fp8Cache, true);
    }

    /** Whether nothing has to be known of inputs but what static scales ask for. */
    boolean isToNearest() {
        return smoothQuant.isEmpty() && awq.isEmpty() && gptq.isEmpty() && !fp8Cache && !measured;
    }

    /** A group as layers are quantized by this recipe. */
    ConfigGroup applyTo(ConfigGroup group) {
        group.weights().flatMap(QuantizationArgs::actorder).filter(some -> gptq.isEmpty()).ifPresent(some -> {
            throw new QuantizeException(group.name() + " has actorder " + some.jsonName()
                    + ": only GPTQ rounds columns in an order");
        });
        return new ConfigGroup(group.name(), group.targets(),
                group.weights().map(args -> gptq.isPresent() ? GptqOptions.ordered(args, order) : args),
                observed(group, Activation.INPUT), observed(group, Activation.OUTPUT), group.format());
    }

    private Optional<QuantizationArgs> observed(ConfigGroup group, Activation activation) {
        Optional<QuantizationArgs> args = activation == Activation.INPUT
                ? group.inputActivations()
                : group.outputActivations();
        return activation.calibrated(group).isEmpty() ? args : args.map(some -> observed(group, some));
    }

    private QuantizationArgs observed(ConfigGroup group, QuantizationArgs args) {
        ActivationObserver observer = activations.or(() -> args.observer().flatMap(ActivationObserver::named))
                .orElse(ActivationObserver.STATIC_MINMAX);
        if (observer == ActivationObserver.MSE && args.dynamic() == DynamicType.LOCAL) {
            throw new QuantizeException(group.name() + " has activations of " + args
                    + ": observer mse is for scales of whole tensors");
        }
        return args.withObserver(observer.peerName(), args.observerKwargs());
    }

    /** All that results depend on. */
    ObjectNode settings() {
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        json.put("smoothquant", smoothQuant.map(SmoothQuant::toString).orElse(""));
        json.put("awq", awq.map(Awq::toString).orElse(""));
        json.put("gptq", gptq.map(GptqOptions::toString).orElse(""));
        json.put("measured", measured);
        return json;
    }

    /**
     * What of a recipe a process needs that runs samples and rounds weights; the rest is in the config.
     *
     * @param smoothQuant null if there is none
     * @param awq null if there is none
     * @param gptq null if there is none
     */
    record Sent(SmoothQuant smoothQuant, Awq awq, GptqOptions gptq, boolean fp8Cache, boolean measured)
            implements
                Serializable {
        Recipe recipe() {
            return new Recipe(Optional.ofNullable(smoothQuant), Optional.ofNullable(awq), Optional.ofNullable(gptq),
                    Optional.empty(), Optional.empty(), fp8Cache, measured);
        }
    }

    Sent sent() {
        return new Sent(smoothQuant.orElse(null), awq.orElse(null), gptq.orElse(null), fp8Cache, measured);
    }
}
