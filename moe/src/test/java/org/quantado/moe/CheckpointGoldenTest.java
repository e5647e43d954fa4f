package org.quantado.moe;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.TestFactory;
import org.quantado.kernels.experts.ExpertMlp;
import org.quantado.kernels.matmul.ExpertMatrix;
import org.quantado.kernels.quantize.Nvfp4Quantizer;
import org.quantado.kernels.quantize.QuantizePlan;
import org.quantado.kernels.quantize.Quantized;
import org.quantado.kernels.quantize.Quantizer;
import org.quantado.moe.model.MoeLayer;
import org.quantado.moe.model.MoeLayers;
import org.quantado.moe.verify.MoeVerification;
import org.quantado.schemes.checkpoint.Checkpoint;
import org.quantado.schemes.checkpoint.DType;
import org.quantado.schemes.checkpoint.Tensor;
import org.quantado.schemes.linear.Activations;
import org.quantado.schemes.model.Model;
import org.quantado.schemes.verify.LayerResult;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/** Checkpoints as compressed-tensors writes them. */
@Tag("device")
@Tag("golden")
class CheckpointGoldenTest {
    private static final double TOLERANCE = 1e-5;
    /** A scale times the inverse of the divisor, against a scale divided by it. */
    private static final int GLOBAL_SCALE_ULPS = 2;
    private static final int E2M1_BITS = 4;

    @TestFactory
    Stream<DynamicTest> blocksAreWithinToleranceWithActivationsAsConfigured() {
        return Stream.of("moe/other", "moe/checkpoint")
                .flatMap(below -> Golden.casesOfEachFlavour(below, (folder, facts) -> {
                    assertThat(MoeVerification.isFor(folder)).isTrue();
                    assertWithinTolerance(folder, Activations.CONFIG);
                }));
    }

    @TestFactory
    Stream<DynamicTest> blocksAreWithinToleranceWithActivationsOff() {
        return Golden.cases("moe/other", (folder, facts) -> {
            try (Checkpoint golden = Checkpoint.open(folder.resolve("expected.safetensors"))) {
                if (golden.find("y_ref_weight_only").isPresent()) {
                    assertWithinTolerance(folder, Activations.OFF);
                }
            }
        });
    }

    private static void assertWithinTolerance(Path folder, Activations activations) {
        try (MoeVerification verification = MoeVerification.open(folder, activations, Optional.empty())) {
            LayerResult result = verification.run();
            assertThat(result.worstError()).as("error as a fraction of the tolerance").isLessThanOrEqualTo(1);
        }
    }

    @TestFactory
    Stream<DynamicTest> expertsAreDequantizedExactlyAndGivenExpertsAreRun() {
        return Stream.of("moe/other", "moe/checkpoint").flatMap(below -> Golden.cases(below, (folder, facts) -> {
            try (Model model = Model.open(folder);
                    Checkpoint golden = Checkpoint.open(folder.resolve("expected.safetensors"))) {
                List<MoeLayer> layers = MoeLayers.of(model);
                assertThat(layers).extracting(MoeLayer::name).containsExactly("model.layers.0.mlp");
                layers.getFirst().check();
                try (QuantizedMoe moe = layers.getFirst().load(MoeParallel.WHOLE, Activations.CONFIG,
                        Optional.empty())) {
                    ExpertMlp experts = Blocks
                            .of(model, layers.getFirst(), MoeParallel.WHOLE, Activations.CONFIG, Optional.empty())
                            .experts();
                    assertDequantized(golden, experts,
                            facts.path("kind").asText("").startsWith("nvfp4") ? GLOBAL_SCALE_ULPS : 0);
                    assertGlobalScales(golden, experts);
                    Golden.assertRows(
                            moe.apply(Golden.floats(golden.tensor("x")), Golden.floats(golden.tensor("topk_weights")),
                                    IntArray.fromArray(golden.tensor("topk_ids").toInts())),
                            golden.tensor("y_ref").toFloats(), moe.spec().hidden(), TOLERANCE);
                }
            }
        }));
    }

    private static void assertDequantized(Checkpoint golden, ExpertMlp experts, int ulps) {
        assertRows(golden.find("dequant_expert0_gate_proj_rows8"), Blocks.matrix(experts.gateUp()), 0, ulps);
        assertRows(golden.find("dequant_expert0_up_proj_rows8"), Blocks.matrix(experts.gateUp()),
                experts.intermediate(), ulps);
        assertRows(golden.find("dequant_expert0_down_proj_rows8"), Blocks.matrix(experts.down()), 0, ulps);
    }

    private static void assertRows(Optional<Tensor> rows, ExpertMatrix matrix, int firstRow, int ulps) {
        rows.ifPresent(tensor -> {
            for (int row = 0; row < tensor.shape().dimension(0); row++) {
                for (int k = 0; k < matrix.inputs(); k++) {
                    float expected = tensor.floatAt(row * (long) matrix.inputs() + k);
                    assertThat((float) matrix.matrix().value(firstRow + row, k)).isCloseTo(expected,
                            within(ulps * Math.ulp(expected)));
                }
            }
        });
    }

    @TestFactory
    Stream<DynamicTest> activationsAreQuantizedExactly() {
        return Golden.cases("moe/other", (folder, facts) -> {
            try (Model model = Model.open(folder);
                    Checkpoint golden = Checkpoint.open(folder.resolve("expected.safetensors"))) {
                Optional<Quantizer> quantizer = Blocks.of(model, MoeLayers.of(model).getFirst(), MoeParallel.WHOLE,
                        Activations.CONFIG, Optional.empty()).experts().inputQuantizer();
                assertThat(quantizer.isPresent())
                        .isEqualTo(golden.find("x_q").isPresent() || golden.find("x_q_packed").isPresent());
                quantizer.ifPresent(some -> assertCodes(golden, some));
            }
        });
    }

    private static void assertCodes(Checkpoint golden, Quantizer quantizer) {
        Tensor x = golden.tensor("x");
        int tokens = (int) x.shape().dimension(0);
        try (QuantizePlan plan = new QuantizePlan(quantizer, Byte.SIZE, tokens, (int) x.shape().dimension(1))) {
            plan.rows().copyFrom(Golden.floats(x), 0, tokens);
            plan.execute(tokens);
            Quantized found = plan.quantized();
            int[] codes = plan.codes();
            for (int i = 0; i < x.elements(); i++) {
                assertThat(codes[i]).as("code %d", i).isEqualTo(code(golden, i));
            }
            golden.find("x_zero_point").ifPresent(
                    zeros -> assertThat(found.scaleCodes().toHeapArray()).isEqualTo(zeros.toInts()));
            golden.find("x_block_scale").ifPresent(bytes -> assertScaleBytes(found, bytes));
            golden.find("x_scale").ifPresent(scales -> {
                if (scales.dtype() == DType.F32) {
                    assertThat(found.scales().toHeapArray()).isEqualTo(scales.toFloats());
                } else {
                    assertScaleBytes(found, scales);
                }
            });
        }
    }

    private static void assertScaleBytes(Quantized found, Tensor bytes) {
        for (int i = 0; i < bytes.elements(); i++) {
            assertThat(found.scaleCodes().get(i)).isEqualTo(Byte.toUnsignedInt(bytes.byteAt(i)));
        }
    }

    /** A code as quantizers give it. */
    private static int code(Checkpoint golden, int index) {
        Optional<Tensor> packed = golden.find("x_q_packed");
        if (packed.isPresent()) {
            return (packed.get().byteAt(index / 2) >> (index % 2 * E2M1_BITS)) & ((1 << E2M1_BITS) - 1);
        }
        return Byte.toUnsignedInt(golden.tensor("x_q").byteAt(index));
    }

    private static void assertGlobalScales(Checkpoint golden, ExpertMlp experts) {
        golden.find("input_global_scale_w13").ifPresent(scale -> assertThat(experts.inputQuantizer())
                .contains(new Nvfp4Quantizer(scale.floatAt(0))));
        golden.find("input_global_scale_w2").ifPresent(scale -> assertThat(experts.activationQuantizer())
                .contains(new Nvfp4Quantizer(scale.floatAt(0))));
    }
}
