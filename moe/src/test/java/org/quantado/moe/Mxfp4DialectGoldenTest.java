package org.quantado.moe;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import java.nio.file.Path;
import java.util.Optional;
import java.util.stream.IntStream;
import java.util.stream.Stream;

import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.TestFactory;
import org.quantado.kernels.experts.ExpertMlp;
import org.quantado.kernels.matmul.ExpertMatrix;
import org.quantado.moe.model.MoeLayer;
import org.quantado.moe.model.MoeLayers;
import org.quantado.moe.verify.MoeVerification;
import org.quantado.schemes.checkpoint.Checkpoint;
import org.quantado.schemes.checkpoint.Tensor;
import org.quantado.schemes.linear.Activations;
import org.quantado.schemes.model.Model;

import uk.ac.manchester.tornado.api.types.arrays.FloatArray;

/** Experts as OpenAI stacks them in gpt-oss give what transformers' own code gives. */
@Tag("device")
@Tag("golden")
class Mxfp4DialectGoldenTest {
    private static final double TOLERANCE = 1e-5;
    private static final int GROUP = 32;

    private static Stream<DynamicTest> cases(Golden.Check check) {
        return Golden.blocks("dialects/mxfp4").stream()
                .map(folder -> dynamicTest(folder.getFileName().toString(), () -> check.on(folder, null)));
    }

    @TestFactory
    Stream<DynamicTest> blocksRun() {
        return cases((folder, facts) -> {
            try (Model model = Model.open(folder)) {
                assertThat(MoeLayers.of(model)).extracting(MoeLayer::name).containsExactly(Golden.module(folder));
                MoeLayers.of(model).forEach(MoeLayer::check);
            }
            try (MoeVerification verification = MoeVerification.open(folder, Activations.CONFIG, Optional.empty())) {
                assertThat(verification.run().worstError()).isLessThanOrEqualTo(1);
            }
        });
    }

    @TestFactory
    Stream<DynamicTest> expertsAreDequantizedExactly() {
        return cases((folder, facts) -> {
            try (Model model = Model.open(folder); Checkpoint golden = expected(folder)) {
                ExpertMlp experts = Blocks.of(model, MoeLayers.of(model).getFirst(), MoeParallel.WHOLE,
                        Activations.CONFIG, Optional.empty()).experts();
                Tensor inTurn = golden.tensor("w_dequant_gate_up_expert0");
                assertRows(inTurn.everyRow(0, 2), Blocks.matrix(experts.gateUp()), 0);
                assertRows(inTurn.everyRow(1, 2), Blocks.matrix(experts.gateUp()), experts.intermediate());
                assertRows(golden.tensor("w_dequant_down_expert0"), Blocks.matrix(experts.down()), 0);
            }
        });
    }

    private static Checkpoint expected(Path folder) {
        return Checkpoint.open(folder.resolve("expected.safetensors"));
    }

    private static void assertRows(Tensor rows, ExpertMatrix matrix, int firstRow) {
        for (int row = 0; row < rows.shape().dimension(0); row++) {
            for (int k = 0; k < matrix.inputs(); k++) {
                assertThat((float) matrix.matrix().value(firstRow + row, k))
                        .isEqualTo(rows.floatAt(row * (long) matrix.inputs() + k));
            }
        }
    }

    @TestFactory
    Stream<DynamicTest> ranksSumToTheWhole() {
        return cases((folder, facts) -> {
            try (Model model = Model.open(folder); Checkpoint golden = expected(folder)) {
                MoeLayer layer = MoeLayers.of(model).getFirst();
                int ranks = layer.spec().intermediate() / GROUP;
                FloatArray x = Golden.floats(golden.tensor("x"));
                float[] sum = new float[x.getSize()];
                IntStream.range(0, ranks).mapToObj(rank -> run(layer, x, MoeParallel.tensors(rank, ranks)))
                        .forEach(part -> IntStream.range(0, sum.length).forEach(i -> sum[i] += part.get(i)));
                Golden.assertRows(FloatArray.fromArray(sum), golden.tensor("y_ref").toFloats(), layer.spec().hidden(),
                        TOLERANCE);
            }
        });
    }

    private static FloatArray run(MoeLayer layer, FloatArray x, MoeParallel part) {
        try (QuantizedMoe moe = layer.load(part, Activations.CONFIG, Optional.empty())) {
            return moe.apply(x);
        }
    }
}
