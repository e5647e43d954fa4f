package org.quantado.kernels.reference;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.quantado.kernels.codec.E8M0Rule;
import org.quantado.kernels.codec.ModelDtype;
import org.quantado.kernels.codec.Nibbles;
import org.quantado.kernels.codec.SwizzledScales;
import org.quantado.kernels.golden.GoldenFolder;
import org.quantado.kernels.golden.GoldenTensors;
import org.quantado.kernels.reference.MxQuantization.Element;
import org.quantado.kernels.reference.MxQuantization.MxBlocks;
import org.quantado.kernels.reference.Nvfp4Quantization.Nvfp4Blocks;

/** Blocks of narrow floats with a scale each: MXFP8, MXFP4, NVFP4. */
class BlockQuantizationTest {
    @Test
    void theGlobalScaleStretchesTheLargestMagnitudeToTheLargestCodeAndScale() {
        assertThat(Nvfp4Quantization.globalScaleOf(2.0f)).isEqualTo(1344.0f);
        assertThat(Nvfp4Quantization.globalScaleOf(0.0f)).isEqualTo(1.0f);
        assertThat(Nvfp4Quantization.globalScaleOf(Float.NaN)).isEqualTo(1.0f);
    }

    @Test
    void aNaNMakesItsBlockNaN() {
        float[] values = new float[64];
        values[40] = Float.NaN;
        MxQuantization quantization = new MxQuantization(Element.E4M3_CODE, E8M0Rule.CEIL_448);
        float[] decoded = quantization.dequantize(quantization.quantize(values));
        for (int index = 0; index < decoded.length; index++) {
            assertThat(Float.isNaN(decoded[index])).isEqualTo(index >= 32);
        }
    }

    @Nested
    @Tag("golden")
    class Golden {
        private static final String INPUT = ".x";
        private final GoldenTensors golden = GoldenFolder.tensors("codecs/block_quant.safetensors");

        @TestFactory
        Stream<DynamicTest> mxfp8OfVllm() {
            return Stream.concat(mxfp8("mxfp8_head", E8M0Rule.CEIL_448), mxfp8("mxfp8_seed", E8M0Rule.FLOOR));
        }

        private Stream<DynamicTest> mxfp8(String name, E8M0Rule rule) {
            MxQuantization quantization = new MxQuantization(Element.E4M3_CODE, rule);
            return cases("." + name + ".q", dtype -> {
                String prefix = dtype + "." + name;
                MxBlocks blocks = quantization.quantize(golden.floats(dtype + INPUT));
                assertThat(blocks.scales()).isEqualTo(golden.bytes(prefix + ".scale"));
                assertThat(blocks.codes()).isEqualTo(golden.bytes(prefix + ".q"));
                int[] shape = golden.shape(prefix + ".scale");
                assertThat(SwizzledScales.swizzle(blocks.scales(), shape[0], shape[1]))
                        .isEqualTo(golden.bytes(prefix + ".scale_swizzled"));
                if (golden.has(prefix + ".dequant_bf16")) {
                    assertRounded(quantization.dequantize(blocks), ModelDtype.BF16, prefix + ".dequant_bf16");
                }
            });
        }

        @TestFactory
        Stream<DynamicTest> mxfp8OfCompressedTensors() {
            MxQuantization quantization = new MxQuantization(Element.E4M3_CODE, E8M0Rule.EVEN_E4M3);
            return cases(".mxfp8_ct.q", dtype -> {
                MxBlocks blocks = quantization.quantize(golden.floats(dtype + INPUT));
                assertThat(blocks.scales()).isEqualTo(golden.bytes(dtype + ".mxfp8_ct.scale"));
                assertThat(blocks.codes()).isEqualTo(golden.bytes(dtype + ".mxfp8_ct.q"));
                assertDecoded(quantization.dequantize(blocks), dtype + ".mxfp8_ct.qdq");
            });
        }

        @TestFactory
        Stream<DynamicTest> mxfp4OfCompressedTensors() {
            MxQuantization quantization = new MxQuantization(Element.E2M1_CODE, E8M0Rule.EVEN_E2M1);
            return cases(".mxfp4_ct.packed", dtype -> {
                MxBlocks blocks = quantization.quantize(golden.floats(dtype + INPUT));
                assertThat(blocks.scales()).isEqualTo(golden.bytes(dtype + ".mxfp4_ct.scale"));
                assertThat(Nibbles.pack(blocks.codes(), golden.columns(dtype + INPUT)))
                        .isEqualTo(golden.bytes(dtype + ".mxfp4_ct.packed"));
                assertDecoded(quantization.dequantize(blocks), dtype + ".mxfp4_ct.qdq");
            });
        }

        @TestFactory
        Stream<DynamicTest> mxfp4OfQuark() {
            MxQuantization quantization = new MxQuantization(Element.E2M1_CODE, E8M0Rule.EVEN_E2M1);
            return cases(".mxfp4_quarkref.qdq", dtype -> {
                MxBlocks blocks = quantization.quantize(golden.floats(dtype + INPUT));
                assertThat(blocks.scales()).isEqualTo(golden.bytes(dtype + ".mxfp4_quarkref.scale"));
                assertDecoded(quantization.dequantize(blocks), dtype + ".mxfp4_quarkref.qdq");
            });
        }

        @TestFactory
        Stream<DynamicTest> nvfp4() {
            return cases(".global_scale", prefix -> {
                String dtype = prefix.substring(0, prefix.indexOf('.'));
                Nvfp4Quantization quantization = new Nvfp4Quantization(
                        golden.floats(prefix + ".global_scale")[0]);
                Nvfp4Blocks blocks = quantization.quantize(golden.floats(dtype + INPUT));
                assertThat(blocks.scales()).isEqualTo(golden.bytes(prefix + ".scale"));
                assertThat(Nibbles.pack(blocks.codes(), golden.columns(dtype + INPUT)))
                        .isEqualTo(golden.bytes(prefix + ".packed"));
                assertDecoded(quantization.dequantize(blocks), prefix + ".qdq");
            });
        }

        private interface Check {
            void run(String prefix);
        }

        private Stream<DynamicTest> cases(String suffix, Check check) {
            return GoldenFolder.cases(() -> golden.prefixesOf(suffix)
                    .map(prefix -> DynamicTest.dynamicTest(prefix + suffix, () -> check.run(prefix))));
        }

        private void assertDecoded(float[] decoded, String name) {
            assertRounded(decoded, golden.dtype(name), name);
        }

        private void assertRounded(float[] decoded, ModelDtype dtype, String name) {
            for (int index = 0; index < decoded.length; index++) {
                decoded[index] = dtype.round(decoded[index]);
            }
            assertThat(decoded).isEqualTo(golden.floats(name));
        }
    }
}
