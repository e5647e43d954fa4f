package org.quantado.kernels.experts;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.IntBinaryOperator;
import java.util.stream.Stream;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.quantado.kernels.codec.E8M0Rule;
import org.quantado.kernels.codec.ModelDtype;
import org.quantado.kernels.matmul.ExpertMatrix;
import org.quantado.kernels.matmul.Flavour;
import org.quantado.kernels.matmul.FlavourChoice;
import org.quantado.kernels.matmul.RandomWeights;
import org.quantado.kernels.quantize.MxQuantizer;
import org.quantado.kernels.quantize.Quantizer;
import org.quantado.kernels.routing.Routed;
import org.quantado.kernels.routing.ScoreFunction;
import org.quantado.kernels.routing.TopKRouter;

import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/** Every flavour gives what the portable one does, however tokens are spread over experts. */
@Tag("device")
class MoePlanTest {
    /** Error of sums in float, relative to the largest result of a token. */
    private static final double TOLERANCE = 1e-5;

    private static final int HIDDEN = 96;
    private static final int INTERMEDIATE = 40;
    private static final RandomWeights RANDOM = new RandomWeights(31);
    private static final Map<String, List<FloatArray>> BY_PORTABLE = new HashMap<>();

    /** Runs tokens {@code [T, H]} through a plan. */
    private interface WayIn {
        void apply(MoePlan plan, FloatArray x, int tokens, FloatArray y);
    }

    /** Tokens of numbers, except the first where {@code hasNan} says so. */
    private record Batch(String name, FloatArray x, boolean hasNan, WayIn wayIn) {
        Batch(String name, int tokens, WayIn wayIn) {
            this(name, RANDOM.floats(tokens * HIDDEN), false, wayIn);
        }

        Batch withNan() {
            x.set(7, Float.NaN);
            return new Batch(name, x, true, wayIn);
        }

        FloatArray run(MoePlan plan) {
            FloatArray y = new FloatArray(x.getSize());
            wayIn.apply(plan, x, x.getSize() / HIDDEN, y);
            return y;
        }
    }

    private record Corner(String name, MoeBlock block, List<Batch> batches) {
        List<FloatArray> run(Flavour flavour) {
            try (MoePlan plan = new MoePlan(block, new FlavourChoice(flavour, "tested"))) {
                return batches.stream().map(batch -> batch.run(plan)).toList();
            }
        }
    }

    /** @param expert of a token's j-th choice */
    private static Batch given(String name, int tokens, int topK, IntBinaryOperator expert) {
        IntArray ids = new IntArray(tokens * topK);
        for (int slot = 0; slot < ids.getSize(); slot++) {
            ids.set(slot, expert.applyAsInt(slot / topK, slot % topK));
        }
        Routed routed = new Routed(ids, RANDOM.floats(ids.getSize()));
        return new Batch(name, tokens, (plan, x, count, y) -> plan.apply(x, routed, count, y));
    }

    private static ExpertMlp mlp(int experts, Optional<Quantizer> input) {
        return new ExpertMlp(RANDOM.e2m1(experts, 2 * INTERMEDIATE, HIDDEN), RANDOM.e2m1(experts, HIDDEN, INTERMEDIATE),
                GatedActivation.SILU, input, Optional.empty());
    }

    private static Router router(int experts, int topK, FloatArray bias) {
        return new Router(TopKRouter.of(experts, topK, ScoreFunction.SOFTMAX, true),
                Optional.of(new SideLayer.Floats(RANDOM.floats(experts * HIDDEN), bias)), Optional.empty());
    }

    /** No token chooses the last expert, of whose weights none is a number. */
    private static Corner sharedAndAllLocal() {
        ExpertMlp experts = mlp(6, Optional.empty());
        poisonLast(((ExpertMatrix) experts.gateUp()).matrix().scales(), 6);
        poisonLast(((ExpertMatrix) experts.down()).matrix().scales(), 6);
        FloatArray bias = new FloatArray(6);
        bias.set(5, -Float.MAX_VALUE);
        MoeBlock block = new MoeBlock(experts, IntArray.fromElements(0, 1, 2, 3, 4, 5), router(6, 2, bias),
                Optional.empty(), Optional.of(new SharedExperts(mlp(1, Optional.empty()), Optional.empty())));
        FloatArray logits = RANDOM.floats(3 * 6);
        for (int token = 0; token < 3; token++) {
            logits.set(token * 6 + 5, Float.NEGATIVE_INFINITY);
        }
        return new Corner("shared experts and all local", block, List.of(given("no tokens", 0, 2, (t, j) -> 0),
                given("one token", 1, 2, (t, j) -> 3 - j), given("experts without tokens", 4, 2, (t, j) -> (t + j) % 2),
                given("all tokens to one expert", 40, 2, (t, j) -> 2),
                given("spread", 33, 2, (t, j) -> (t * t + 2 * j) % 5),
                given("a token that is no number", 4, 2, (t, j) -> (t + j) % 2).withNan(),
                new Batch("by tokens", 3, MoePlan::apply),
                new Batch("by logits", 3, (plan, x, tokens, y) -> plan.apply(x, logits, tokens, y)),
                given("by experts again", 2, 2, (t, j) -> t + j)));
    }

    private static void poisonLast(FloatArray scales, int experts) {
        for (int i = scales.getSize() / experts * (experts - 1); i < scales.getSize(); i++) {
            scales.set(i, Float.NaN);
        }
    }

    /** Weights multiply the input. */
    private static Corner fewLocal() {
        MoeBlock block = new MoeBlock(mlp(2, Optional.empty()), IntArray.fromElements(-1, 1, -1, -1, 0, -1),
                router(6, 1, new FloatArray(6)), Optional.of(ModelDtype.BF16), Optional.empty());
        return new Corner("few local", block,
                List.of(given("none local", 1, 1, (t, j) -> 2), given("one local", 1, 1, (t, j) -> 4),
                        given("some local", 3, 1, (t, j) -> t + 2), given("many, some local", 60, 1, (t, j) -> t % 6)));
    }

    /** Inputs are codes. */
    private static Corner allChosen() {
        MoeBlock block = new MoeBlock(mlp(4, Optional.of(MxQuantizer.mxfp8(E8M0Rule.CEIL_448))),
                IntArray.fromElements(0, 1, 2, 3), router(4, 4, new FloatArray(4)), Optional.empty(), Optional.empty());
        return new Corner("all chosen", block, List.of(given("one token", 1, 4, (t, j) -> j),
                given("ten tokens", 10, 4, (t, j) -> (t + j) % 4)));
    }

    /** The router is quantized, the gate in floats or quantized. Some slots have no expert. */
    private static Corner gatedShared(boolean quantized) {
        SideLayer gate = quantized
                ? new SideLayer.Quantized(RANDOM.e2m1(1, 1, HIDDEN), Optional.of(MxQuantizer.mxfp8(E8M0Rule.CEIL_448)))
                : new SideLayer.Floats(RANDOM.floats(HIDDEN), RANDOM.floats(1));
        Router router = new Router(TopKRouter.of(5, 2, ScoreFunction.SIGMOID, true),
                Optional.of(new SideLayer.Quantized(RANDOM.e2m1(1, 5, HIDDEN), Optional.empty())), Optional.empty());
        MoeBlock block = new MoeBlock(mlp(5, Optional.empty()), IntArray.fromElements(0, 1, 2, 3, 4), router,
                Optional.empty(), Optional.of(new SharedExperts(mlp(1, Optional.empty()), Optional.of(gate))));
        return new Corner("gated shared experts, gate quantized: " + quantized, block,
                List.of(new Batch("by tokens", 3, MoePlan::apply), new Batch("many by tokens", 70, MoePlan::apply),
                        given("some for none", 9, 2, (t, j) -> (t + j) % 6 - 1)));
    }

    static Stream<Arguments> flavoursAndCorners() {
        List<Corner> corners = List.of(sharedAndAllLocal(), fewLocal(), allChosen(), gatedShared(false),
                gatedShared(true));
        return Arrays.stream(Flavour.values())
                .filter(flavour -> flavour != Flavour.PORTABLE && flavour.hindrance().isEmpty())
                .flatMap(flavour -> corners.stream().map(corner -> Arguments.of(flavour, corner)));
    }

    @ParameterizedTest
    @MethodSource("flavoursAndCorners")
    void flavourGivesWhatThePortableOneDoes(Flavour flavour, Corner corner) {
        List<FloatArray> found = corner.run(flavour);
        List<FloatArray> expected = BY_PORTABLE.computeIfAbsent(corner.name, _ -> corner.run(Flavour.PORTABLE));
        for (int i = 0; i < found.size(); i++) {
            assertTokens(corner.batches.get(i), found.get(i).toHeapArray(), expected.get(i).toHeapArray());
        }
    }

    private static void assertTokens(Batch batch, float[] found, float[] expected) {
        assertThat(found).hasSameSizeAs(expected);
        for (int first = 0; first < expected.length; first += HIDDEN) {
            float[] foundToken = Arrays.copyOfRange(found, first, first + HIDDEN);
            float[] expectedToken = Arrays.copyOfRange(expected, first, first + HIDDEN);
            if (batch.hasNan && first == 0) {
                assertThat(expectedToken).as(batch.name).containsOnly(Float.NaN);
                assertThat(foundToken).as(batch.name).containsOnly(Float.NaN);
            } else {
                assertClose(batch, first / HIDDEN, foundToken, expectedToken);
            }
        }
    }

    private static void assertClose(Batch batch, int token, float[] found, float[] expected) {
        double largest = 0;
        double error = 0;
        for (int h = 0; h < HIDDEN; h++) {
            largest = Math.max(largest, Math.abs(expected[h]));
            error = Math.max(error, Math.abs(found[h] - (double) expected[h]));
        }
        assertThat(error).as("%s: error of token %d, whose largest value is %s", batch.name, token, largest)
                .isLessThanOrEqualTo(TOLERANCE * largest).isFinite();
    }
}
