package org.quantado.kernels.quantize;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;

/** A last group that is smaller than the others is quantized as if zeros came after it. */
@Tag("device")
class Fp8QuantizerTest {
    private static final int ROWS = 5;
    private static final int GROUP = 128;

    @ParameterizedTest
    @ValueSource(ints = {160, 128, 127, 1, 257})
    void aPartialGroupHasAScaleOfItsOwn(int inputs) {
        check(Fp8Quantizer.perGroup(GROUP), inputs);
        check(MxQuantizer.fp8(GROUP), inputs);
    }

    private static void check(Quantizer quantizer, int inputs) {
        int groups = Math.ceilDiv(inputs, GROUP);
        float[] x = new float[ROWS * inputs];
        float[] padded = new float[ROWS * groups * GROUP];
        Random random = new Random(inputs);
        for (int i = 0; i < x.length; i++) {
            x[i] = (float) random.nextGaussian() * (1 + i % inputs / GROUP);
            padded[i / inputs * groups * GROUP + i % inputs] = x[i];
        }
        try (QuantizePlan partial = plan(quantizer, x, inputs);
                QuantizePlan whole = plan(quantizer, padded, groups * GROUP)) {
            assertThat(partial.quantized().scales().toHeapArray())
                    .isEqualTo(whole.quantized().scales().toHeapArray());
            int[] codes = whole.codes();
            int[] found = partial.codes();
            for (int i = 0; i < x.length; i++) {
                assertThat(found[i]).isEqualTo(codes[i / inputs * groups * GROUP + i % inputs]);
            }
        }
    }

    private static QuantizePlan plan(Quantizer quantizer, float[] x, int inputs) {
        QuantizePlan plan = new QuantizePlan(quantizer, Byte.SIZE, ROWS, inputs);
        plan.rows().copyFrom(FloatArray.fromArray(x), 0, ROWS);
        plan.execute(ROWS);
        return plan;
    }
}
