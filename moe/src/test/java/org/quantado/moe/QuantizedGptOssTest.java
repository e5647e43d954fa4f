package org.quantado.moe;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.quantado.kernels.codec.E8M0Rule;
import org.quantado.kernels.codec.ModelDtype;
import org.quantado.kernels.reference.IntBlocks;
import org.quantado.kernels.reference.IntQuantization;
import org.quantado.kernels.reference.MxQuantization;
import org.quantado.moe.model.MoeLayer;
import org.quantado.moe.model.MoeLayers;
import org.quantado.schemes.linear.Activations;
import org.quantado.schemes.model.Model;
import org.quantado.schemes.quantize.CheckpointQuantizer;
import org.quantado.schemes.quantize.Preset;
import org.quantado.schemes.quantize.QuantizationProgress;
import org.quantado.schemes.quantize.QuantizationRequest;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/** A checkpoint of gpt-oss, quantized here, gives what experts give whose matrices are quantized one by one by hand. */
@Tag("device")
class QuantizedGptOssTest {
    private static final String BLOCK = "model.layers.0.mlp";
    private static final int EXPERTS = 4;
    private static final int HIDDEN = 64;
    private static final int INTERMEDIATE = 32;
    private static final int TOKENS = 3;
    private static final int TOP_K = 2;
    private static final double TOLERANCE = 1e-5;
    /** gpt-oss' activation. */
    private static final double LIMIT = 7;
    private static final double ALPHA = 1.702;

    @TempDir
    private Path folder;

    private BlockFolder write(Path in) throws IOException {
        BlockFolder tensors = new BlockFolder()
                .tensor(BLOCK + ".experts.gate_up_proj", EXPERTS, HIDDEN, 2 * INTERMEDIATE)
                .tensor(BLOCK + ".experts.gate_up_proj_bias", EXPERTS, 2 * INTERMEDIATE)
                .tensor(BLOCK + ".experts.down_proj", EXPERTS, INTERMEDIATE, HIDDEN)
                .tensor(BLOCK + ".experts.down_proj_bias", EXPERTS, HIDDEN)
                .tensor(BLOCK + ".router.weight", EXPERTS, HIDDEN).tensor(BLOCK + ".router.bias", EXPERTS);
        tensors.write(Files.createDirectory(in), """
                {"model_type": "gpt_oss", "num_local_experts": 4, "num_experts_per_tok": 2,
                 "torch_dtype": "bfloat16"}""");
        return tensors;
    }

    @Test
    void groupsOfFloats() throws IOException {
        MxQuantization mx = new MxQuantization(MxQuantization.Element.E2M1_CODE, E8M0Rule.EVEN_E2M1);
        compare("MXFP4", "CompressedTensorsW4A4Mxfp4MoEMethod", row -> mx.dequantize(mx.quantize(row)));
    }

    @Test
    void channelsOfIntegers() throws IOException {
        IntQuantization int8 = new IntQuantization(Byte.SIZE, true, ModelDtype.BF16);
        compare("W8A8", "CompressedTensorsW8A8Int8MoEMethod", row -> {
            IntBlocks blocks = int8.quantize(row, row.length);
            float[] values = new float[row.length];
            for (int k = 0; k < row.length; k++) {
                values[k] = blocks.codes()[k] * blocks.scales()[0];
            }
            return values;
        });
    }

    private void compare(String preset, String method, UnaryOperator<float[]> quantizedRow) throws IOException {
        BlockFolder tensors = write(folder.resolve("in"));
        CheckpointQuantizer.quantize(folder.resolve("in"), folder.resolve("out"),
                QuantizationRequest.of(Preset.named(preset)), QuantizationProgress.NONE);
        int[] ids = {0, 3, 2, 1, 1, 3};
        FloatArray weights = BlockFolder.gaussian(ids.length, 2);
        FloatArray x = BlockFolder.gaussian(TOKENS * HIDDEN, 3);
        try (Model model = Model.open(folder.resolve("out"))) {
            MoeLayer layer = MoeLayers.find(model, BLOCK).orElseThrow();
            layer.check();
            assertThat(layer.method(Optional.empty()).name()).isEqualTo(method);
            assertThat(layer.experts()).isEqualTo(EXPERTS);
            try (QuantizedMoe moe = layer.load(MoeParallel.WHOLE, Activations.OFF, Optional.empty())) {
                float[] expected = new float[TOKENS * HIDDEN];
                for (int slot = 0; slot < ids.length; slot++) {
                    int token = slot / TOP_K;
                    double[] y = expert(tensors, ids[slot], x, token * HIDDEN, quantizedRow);
                    for (int h = 0; h < HIDDEN; h++) {
                        expected[token * HIDDEN + h] += (float) (weights.get(slot) * y[h]);
                    }
                }
                Golden.assertRows(moe.apply(x, weights, IntArray.fromArray(ids)), expected, HIDDEN, TOLERANCE);
                assertThat(moe.apply(x).getSize()).as("with its router").isEqualTo(x.getSize());
            }
        }
    }

    /** An expert in float64, from the tensors as they are stacked. */
    private static double[] expert(BlockFolder tensors, int e, FloatArray x, int first,
            UnaryOperator<float[]> quantizedRow) {
        float[] gateUp = tensors.values(BLOCK + ".experts.gate_up_proj");
        float[] gateUpBias = tensors.values(BLOCK + ".experts.gate_up_proj_bias");
        float[] down = tensors.values(BLOCK + ".experts.down_proj");
        float[] downBias = tensors.values(BLOCK + ".experts.down_proj_bias");
        double[] interleaved = new double[2 * INTERMEDIATE];
        for (int column = 0; column < interleaved.length; column++) {
            float[] row = new float[HIDDEN];
            for (int h = 0; h < HIDDEN; h++) {
                row[h] = gateUp[(e * HIDDEN + h) * interleaved.length + column];
            }
            float[] quantized = quantizedRow.apply(row);
            interleaved[column] = gateUpBias[e * interleaved.length + column];
            for (int h = 0; h < HIDDEN; h++) {
                interleaved[column] += (double) quantized[h] * x.get(first + h);
            }
        }
        double[] activated = new double[INTERMEDIATE];
        for (int i = 0; i < INTERMEDIATE; i++) {
            double gate = Math.min(interleaved[2 * i], LIMIT);
            double up = Math.clamp(interleaved[2 * i + 1], -LIMIT, LIMIT);
            activated[i] = (up + 1) * gate / (1 + Math.exp(-ALPHA * gate));
        }
        double[] y = new double[HIDDEN];
        for (int h = 0; h < HIDDEN; h++) {
            float[] row = new float[INTERMEDIATE];
            for (int i = 0; i < INTERMEDIATE; i++) {
                row[i] = down[(e * INTERMEDIATE + i) * HIDDEN + h];
            }
            float[] quantized = quantizedRow.apply(row);
            y[h] = downBias[e * HIDDEN + h];
            for (int i = 0; i < INTERMEDIATE; i++) {
                y[h] += quantized[i] * activated[i];
            }
        }
        return y;
    }
}
