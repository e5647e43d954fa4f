package org.quantado.kernels.quantize;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Arrays;
import java.util.OptionalInt;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.quantado.kernels.codec.ModelDtype;
import org.quantado.kernels.golden.GoldenFolder;
import org.quantado.kernels.golden.GoldenTensors;
import org.quantado.kernels.reference.IntBlocks;
import org.quantado.kernels.reference.IntQuantization;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;

/** Tokens and groups of them become the integers that compressed-tensors makes of them. */
@Tag("device")
class IntQuantizerTest {
    private static final int ROWS = 7;
    private static final int INPUTS = 96;
    private static final int GROUP = 32;

    @ParameterizedTest
    @EnumSource(ModelDtype.class)
    void asOnTheJvm(ModelDtype dtype) {
        float[] x = new float[ROWS * INPUTS];
        Random random = new Random(3);
        for (int i = 0; i < x.length; i++) {
            boolean isZero = i / INPUTS == 2 || i / GROUP == 1;
            x[i] = isZero ? 0 : dtype.round((float) (random.nextGaussian() * Math.scalb(1.0, random.nextInt(-9, 9))));
        }
        for (int bits : new int[]{2, 4, 8}) {
            IntQuantization oracle = new IntQuantization(bits, true, dtype);
            check(new IntQuantizer(bits, OptionalInt.empty(), dtype), x, INPUTS, oracle.quantize(x, INPUTS));
            check(new IntQuantizer(bits, OptionalInt.of(GROUP), dtype), x, INPUTS, oracle.quantize(x, GROUP));
        }
    }

    @Test
    void allCodesAreUsed() {
        float[] x = new float[GROUP];
        for (int i = 0; i < GROUP; i++) {
            x[i] = Math.min(7, (i - 15) * 0.5f);
        }
        x[0] = -7.5f;
        try (QuantizePlan plan = plan(new IntQuantizer(4, OptionalInt.empty(), ModelDtype.F32), x, GROUP)) {
            int[] codes = Arrays.stream(plan.codes()).map(code -> (byte) code).toArray();
            assertThat(codes).startsWith(-8, -7, -6).endsWith(7, 7).contains(0, 1);
        }
    }

    @Test
    @Tag("golden")
    void activationsOfThePeer() {
        GoldenTensors golden = GoldenFolder.tensors("codecs/dynamic_act_quant.safetensors");
        golden.prefixesOf(".int8_ct.q").forEach(dtype -> check(
                new IntQuantizer(8, OptionalInt.empty(), golden.dtype(dtype + ".int8_ct.scale")),
                golden.floats(dtype + ".x"), golden.columns(dtype + ".x"),
                new IntBlocks(golden.bytes(dtype + ".int8_ct.q"), golden.floats(dtype + ".int8_ct.scale"), null)));
    }

    @TestFactory
    @Tag("golden")
    Stream<DynamicTest> channelsAndGroupsOfThePeer() {
        GoldenTensors golden = GoldenFolder.tensors("codecs/int_quant.safetensors");
        return GoldenFolder.json("codecs/int_quant.json").valueStream()
                .filter(entry -> entry.path("args").path("symmetric").booleanValue())
                .filter(entry -> !entry.path("args").path("strategy").textValue().equals("tensor"))
                .map(entry -> DynamicTest.dynamicTest(entry.path("key").textValue(), () -> {
                    JsonNode args = entry.path("args");
                    String key = entry.path("key").textValue();
                    String input = entry.path("input").textValue();
                    OptionalInt groupSize = args.path("strategy").textValue().equals("group")
                            ? OptionalInt.of(args.path("group_size").intValue())
                            : OptionalInt.empty();
                    check(new IntQuantizer(args.path("num_bits").intValue(), groupSize, golden.dtype(input)),
                            golden.floats(input), golden.columns(input),
                            new IntBlocks(golden.bytes(key + ".q"), golden.floats(key + ".scale"), null));
                }));
    }

    private static void check(IntQuantizer quantizer, float[] x, int inputs, IntBlocks expected) {
        try (QuantizePlan plan = plan(quantizer, x, inputs)) {
            assertThat(plan.quantized().scales().toHeapArray()).isEqualTo(expected.scales());
            int[] found = plan.codes();
            byte[] codes = new byte[x.length];
            for (int i = 0; i < codes.length; i++) {
                codes[i] = (byte) found[i];
            }
            assertThat(codes).isEqualTo(expected.codes());
        }
    }

    private static QuantizePlan plan(IntQuantizer quantizer, float[] x, int inputs) {
        int rows = x.length / inputs;
        QuantizePlan plan = new QuantizePlan(quantizer, Byte.SIZE, rows, inputs);
        plan.rows().copyFrom(FloatArray.fromArray(x), 0, rows);
        plan.execute(rows);
        return plan;
    }

    @Test
    void otherWidthsAreRefused() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new IntQuantizer(9, OptionalInt.empty(), ModelDtype.F32))
                .withMessage("integers of 9 bits: expected 2 to 8");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new IntQuantizer(1, OptionalInt.empty(), ModelDtype.F32));
    }
}
