package org.quantado.schemes.select;

import static org.quantado.schemes.config.CompressionFormat.FLOAT_QUANTIZED;
import static org.quantado.schemes.config.CompressionFormat.INT_QUANTIZED;
import static org.quantado.schemes.config.CompressionFormat.NAIVE_QUANTIZED;
import static org.quantado.schemes.config.CompressionFormat.NVFP4_PACK_QUANTIZED;
import static org.quantado.schemes.config.CompressionFormat.PACK_QUANTIZED;
import static org.quantado.schemes.config.QuantizationStrategy.BLOCK;
import static org.quantado.schemes.config.QuantizationStrategy.CHANNEL;
import static org.quantado.schemes.config.QuantizationStrategy.GROUP;
import static org.quantado.schemes.config.QuantizationStrategy.TENSOR;
import static org.quantado.schemes.config.QuantizationStrategy.TENSOR_GROUP;
import static org.quantado.schemes.config.QuantizationStrategy.TOKEN;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import org.quantado.schemes.config.CompressionFormat;
import org.quantado.schemes.config.JsonName;
import org.quantado.schemes.config.QuantizationArgs;
import org.quantado.schemes.config.QuantizationStrategy;
import org.quantado.schemes.config.QuantizationType;
import org.quantado.schemes.config.TorchDType;

/**
 * When a scheme is chosen: all of its conditions hold, and those of no rule before it.
 *
 * @param scheme the scheme
 * @param conditions what it needs, each with words for it
 */
record SchemeRule(SchemeName scheme, List<Condition> conditions) {

    record Condition(String needs, Predicate<LayerParts> holds) {
    }

    private static final int NVFP4_GROUP = 16;
    private static final int MX_GROUP = 32;
    /** The compute capability, and the only one, for which W4A8Fp8 has a kernel. */
    private static final int HOPPER = 90;
    /** Widths that WNA16 had in June 2026; WNA8O8Int took all others, quantized activations or not. */
    private static final Set<Integer> SEED_WNA16_BITS = Set.of(4, 8);

    private static final Set<CompressionFormat> PLAIN_FORMATS = EnumSet.of(NAIVE_QUANTIZED, INT_QUANTIZED,
            FLOAT_QUANTIZED, NVFP4_PACK_QUANTIZED);

    private static final Condition SYMMETRIC_WEIGHT = new Condition("symmetric weights",
            parts -> parts.weights().symmetric());
    private static final Condition STATIC_WEIGHT = new Condition("weights that are not dynamic",
            parts -> !parts.weights().dynamic().isDynamic());
    private static final SchemeRule NVFP4 = rule(SchemeName.W4A4_NVFP4, weightType(QuantizationType.FLOAT),
            weightBits(4), weightStrategy(TENSOR_GROUP), weightGroup(NVFP4_GROUP), SYMMETRIC_WEIGHT);
    private static final Condition NO_INPUT = new Condition("inputs that are not quantized",
            parts -> parts.input().isEmpty());
    private static final Condition SYMMETRIC_INPUT = new Condition("symmetric inputs",
            parts -> parts.input(QuantizationArgs::symmetric));
    private static final Condition DYNAMIC_INPUT = new Condition("dynamic inputs",
            parts -> parts.input(args -> args.dynamic().isDynamic()));
    private static final Condition STATIC_INPUT = new Condition("static inputs",
            parts -> parts.input(args -> !args.dynamic().isDynamic()));
    private static final Condition DYNAMIC_OR_SYMMETRIC_TENSOR_INPUT = new Condition(
            "inputs that are dynamic, or symmetric per tensor",
            parts -> parts.input(args -> args.dynamic().isDynamic()
                    || (args.symmetric() && args.strategy() == TENSOR)));
    private static final Condition CALIBRATED_INT8_INPUT = new Condition(
            "static 8-bit integer inputs per tensor",
            parts -> parts.input(SchemeRule::isCalibratedInt8));
    private static final Condition CALIBRATED_INT8_OUTPUT = new Condition(
            "static 8-bit integer outputs per tensor",
            parts -> parts.output(SchemeRule::isCalibratedInt8));
    private static final Condition CALIBRATED_INT8_ON_ONE_SIDE = new Condition(
            "static 8-bit integer inputs or outputs per tensor",
            parts -> (parts.input(SchemeRule::isCalibratedInt8) && parts.output().isEmpty())
                    || (parts.output(SchemeRule::isCalibratedInt8) && parts.input().isEmpty()));
    private static final Condition FP8_DEVICE = new Condition("a device of compute capability 89 at least",
            parts -> parts.capability().isPresent()
                    ? parts.capability().getAsInt() >= SchemeName.W8A8_FP8.minCapability()
                    : parts.decisions() != Decisions.VLLM_SEED);

    /** vLLM's order of decisions, and where ours come in it. */
    static List<SchemeRule> inOrder(Decisions decisions) {
        List<SchemeRule> rules = new ArrayList<>(List.of(
                NVFP4,
                rule(SchemeName.W4A4_MXFP4, weightType(QuantizationType.FLOAT), weightBits(4),
                        weightStrategy(GROUP), weightGroup(MX_GROUP), SYMMETRIC_WEIGHT),
                rule(SchemeName.W8A8_MXFP8, weightType(QuantizationType.FLOAT), weightBits(8),
                        weightStrategy(GROUP), weightGroup(MX_GROUP), SYMMETRIC_WEIGHT,
                        new Condition("weight scales of type torch.uint8",
                                parts -> parts.weights().scaleDtype().equals(Optional.of(TorchDType.UINT8)))),
                rule(SchemeName.W4A8_FP8, new Condition("a CUDA device of compute capability 90",
                        parts -> parts.capability().isPresent() && parts.capability().getAsInt() == HOPPER),
                        weightBits(4), weightStrategy(GROUP), SYMMETRIC_WEIGHT, STATIC_WEIGHT, inputBits(8),
                        inputStrategy(TOKEN), SYMMETRIC_INPUT, DYNAMIC_INPUT),
                wna8o8(decisions)));
        if (decisions != Decisions.VLLM_SEED) {
            rules.add(dynamicInt(SchemeName.WNA8_INT, 8));
            rules.add(dynamicInt(SchemeName.WNA4_INT, 4));
        }
        if (decisions == Decisions.EVERY_DEVICE) {
            rules.add(rule(SchemeName.WNA8O8_INT, weightType(QuantizationType.INT), STATIC_WEIGHT,
                    weightStrategy(CHANNEL, GROUP), format(EnumSet.of(PACK_QUANTIZED)), CALIBRATED_INT8_ON_ONE_SIDE));
            rules.add(rule(SchemeName.W4A8_FP8, weightType(QuantizationType.INT), weightBits(4),
                    weightStrategy(CHANNEL, GROUP), SYMMETRIC_WEIGHT, STATIC_WEIGHT,
                    format(EnumSet.of(PACK_QUANTIZED, INT_QUANTIZED)), inputType(QuantizationType.FLOAT), inputBits(8),
                    inputStrategy(TOKEN), SYMMETRIC_INPUT, DYNAMIC_INPUT));
        }
        rules.addAll(List.of(
                rule(SchemeName.WNA16, STATIC_WEIGHT, weightStrategy(CHANNEL, GROUP), NO_INPUT,
                        format(EnumSet.of(PACK_QUANTIZED))),
                rule(SchemeName.W8A8_FP8, format(PLAIN_FORMATS), weightType(QuantizationType.FLOAT),
                        SYMMETRIC_WEIGHT, STATIC_WEIGHT, weightStrategy(TENSOR, CHANNEL, BLOCK),
                        inputType(QuantizationType.FLOAT), DYNAMIC_OR_SYMMETRIC_TENSOR_INPUT, FP8_DEVICE),
                rule(SchemeName.W8A16_FP8, format(PLAIN_FORMATS), weightType(QuantizationType.FLOAT),
                        SYMMETRIC_WEIGHT, STATIC_WEIGHT, weightStrategy(TENSOR, CHANNEL, BLOCK)),
                rule(SchemeName.W8A8_INT8, format(PLAIN_FORMATS), weightBits(8),
                        weightStrategy(TENSOR, CHANNEL),
                        SYMMETRIC_WEIGHT, STATIC_WEIGHT, inputBits(8), inputStrategy(TENSOR), STATIC_INPUT),
                rule(SchemeName.W8A8_INT8, format(PLAIN_FORMATS), weightBits(8),
                        weightStrategy(TENSOR, CHANNEL),
                        SYMMETRIC_WEIGHT, STATIC_WEIGHT, inputBits(8), inputStrategy(TOKEN), DYNAMIC_INPUT),
                rule(SchemeName.W4A8_INT, format(PLAIN_FORMATS), weightBits(4),
                        weightStrategy(CHANNEL, GROUP),
                        SYMMETRIC_WEIGHT, STATIC_WEIGHT, inputBits(8), inputStrategy(TOKEN), DYNAMIC_INPUT)));
        if (decisions == Decisions.EVERY_DEVICE) {
            rules.add(unpackedDynamicInt(SchemeName.WNA8_INT, 8));
            rules.add(unpackedDynamicInt(SchemeName.WNA4_INT, 4));
        }
        return rules;
    }

    boolean matches(LayerParts parts) {
        return conditions.stream().allMatch(condition -> condition.holds.test(parts));
    }

    /** The conditions that do not hold, in words. */
    List<String> unmet(LayerParts parts) {
        return conditions.stream().filter(condition -> !condition.holds.test(parts)).map(Condition::needs)
                .toList();
    }

    /** Whether these are NVFP4's: groups of 16 symmetric FP4 codes under a scale of the tensor. */
    static boolean isNvfp4(QuantizationArgs args) {
        return NVFP4.matches(new LayerParts(args, Optional.empty(), Optional.empty(), Optional.empty(),
                OptionalInt.empty(), Decisions.VLLM_HEAD));
    }

    /** Formats whose activations vLLM takes to be quantized, unless weights are floats. */
    static boolean isPlain(Optional<CompressionFormat> format) {
        return format.filter(PLAIN_FORMATS::contains).isPresent();
    }

    private static SchemeRule rule(SchemeName scheme, Condition... conditions) {
        return new SchemeRule(scheme, List.of(conditions));
    }

    private static SchemeRule wna8o8(Decisions decisions) {
        UnaryOperator<Condition> ofEra = decisions != Decisions.VLLM_SEED
                ? condition -> condition
                : SchemeRule::orSeedWna8o8Bits;
        return rule(SchemeName.WNA8O8_INT, weightType(QuantizationType.INT), STATIC_WEIGHT,
                weightStrategy(CHANNEL, GROUP), format(EnumSet.of(PACK_QUANTIZED, INT_QUANTIZED)),
                ofEra.apply(CALIBRATED_INT8_INPUT), ofEra.apply(CALIBRATED_INT8_OUTPUT));
    }

    private static SchemeRule dynamicInt(SchemeName scheme, int inputBits) {
        return rule(scheme, format(EnumSet.of(PACK_QUANTIZED)), weightType(QuantizationType.INT),
                STATIC_WEIGHT,
                weightStrategy(CHANNEL, GROUP), inputType(QuantizationType.INT), inputBits(inputBits),
                inputStrategy(TOKEN, GROUP), SYMMETRIC_INPUT, DYNAMIC_INPUT);
    }

    private static SchemeRule unpackedDynamicInt(SchemeName scheme, int inputBits) {
        return rule(scheme, format(EnumSet.of(INT_QUANTIZED)), weightType(QuantizationType.INT), STATIC_WEIGHT,
                SYMMETRIC_WEIGHT, weightStrategy(CHANNEL, GROUP), inputType(QuantizationType.INT),
                inputBits(inputBits), inputStrategy(TOKEN, GROUP), SYMMETRIC_INPUT, DYNAMIC_INPUT);
    }

    private static boolean isCalibratedInt8(QuantizationArgs args) {
        return args.type() == QuantizationType.INT && args.strategy() == TENSOR && args.numBits() == Byte.SIZE
                && !args.dynamic().isDynamic();
    }

    private static Condition orSeedWna8o8Bits(Condition condition) {
        return new Condition(condition.needs + " (or weights of other than 4 or 8 bits)",
                parts -> condition.holds
                        .test(parts) || !SEED_WNA16_BITS.contains(parts.weights().numBits()));
    }

    private static Condition weightType(QuantizationType type) {
        return new Condition(type.jsonName() + " weights", parts -> parts.weights().type() == type);
    }

    private static Condition inputType(QuantizationType type) {
        return new Condition(type.jsonName() + " inputs", parts -> parts.input(args -> args.type() == type));
    }

    private static Condition weightBits(int bits) {
        return new Condition("weights of " + bits + " bits", parts -> parts.weights().numBits() == bits);
    }

    private static Condition inputBits(int bits) {
        return new Condition("inputs of " + bits + " bits",
                parts -> parts.input(args -> args.numBits() == bits));
    }

    private static Condition weightGroup(int size) {
        return new Condition("weights in groups of " + size,
                parts -> parts.weights().groupSize().orElse(0) == size);
    }

    private static Condition weightStrategy(QuantizationStrategy... strategies) {
        List<QuantizationStrategy> allowed = List.of(strategies);
        return new Condition("weights per " + names(strategies),
                parts -> allowed.contains(parts.weights().strategy()));
    }

    private static Condition inputStrategy(QuantizationStrategy... strategies) {
        List<QuantizationStrategy> allowed = List.of(strategies);
        return new Condition("inputs per " + names(strategies),
                parts -> parts.input(args -> allowed.contains(args.strategy())));
    }

    private static Condition format(Set<CompressionFormat> formats) {
        return new Condition("format " + names(formats.toArray(new CompressionFormat[0])),
                parts -> parts.format().filter(formats::contains).isPresent());
    }

    private static String names(JsonName... constants) {
        return Arrays.stream(constants).map(JsonName::jsonName).collect(Collectors.joining(" or "));
    }
}
