package org.quantado.schemes.dialect;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.quantado.schemes.checkpoint.CheckpointException;
import org.quantado.schemes.checkpoint.Tensor;
import org.quantado.schemes.model.Model;
import org.quantado.schemes.model.ModelLayer;
import org.quantado.schemes.select.Selection;

/** Two experts of one group: H = 32, I = 1, all in one file whose bytes count up. */
class Mxfp4Test {
    private static final String EXPERTS = "model.layers.0.mlp.experts.";
    private static final String USUAL = "{'quant_method':'mxfp4','modules_to_not_convert':['model.layers.*.mlp.router']}";
    private static final String BLOCKS = "[2,2,1,16]";
    private static final int BYTES_OF_BLOCKS = 64;
    private static final int BYTES = BYTES_OF_BLOCKS + 4;

    @TempDir
    private Path folder;

    private Model open(String modelType, String quantization, String shapeOfBlocks, String more) throws IOException {
        Files.writeString(folder.resolve("config.json"), ("{'model_type':'" + modelType + "','quantization_config':"
                + quantization + "}").replace('\'', '"'));
        String header = ("{'" + EXPERTS + "gate_up_proj_blocks':{'dtype':'U8','shape':" + shapeOfBlocks
                + ",'data_offsets':[0,64]},'" + EXPERTS
                + "gate_up_proj_scales':{'dtype':'U8','shape':[2,2,1],'data_offsets':[64,68]}" + more + "}")
                .replace('\'', '"');
        byte[] json = header.getBytes(StandardCharsets.UTF_8);
        ByteBuffer bytes = ByteBuffer.allocate(Long.BYTES + json.length + BYTES).order(ByteOrder.LITTLE_ENDIAN)
                .putLong(json.length).put(json);
        for (int i = 0; i < BYTES; i++) {
            bytes.put((byte) i);
        }
        Files.write(folder.resolve("model.safetensors"), bytes.array());
        return Model.open(folder);
    }

    @Test
    void rowsInTurnAreGatesAndUpsOfSingleExperts() throws IOException {
        try (Model model = open("gpt_oss", USUAL, BLOCKS, "")) {
            assertThat(model.layers()).extracting(ModelLayer::name).containsExactly(EXPERTS + "0.gate_proj",
                    EXPERTS + "0.up_proj", EXPERTS + "1.gate_proj", EXPERTS + "1.up_proj");
            model.layers().forEach(ModelLayer::check);
            assertThat(model.checkpoint().names()).allMatch(name -> name.matches(".*\\.[01]\\..*"));
            Tensor codes = model.checkpoint().tensor(EXPERTS + "1.up_proj.weight_packed").requireShape(1, 16);
            assertThat(codes.byteAt(0)).isEqualTo((byte) 48);
            assertThat(model.checkpoint().tensor(EXPERTS + "1.gate_proj.weight_scale").requireShape(1, 1).byteAt(0))
                    .isEqualTo((byte) 66);
            assertThat(codes).hasToString(folder.resolve("model.safetensors") + ": tensor '" + EXPERTS
                    + "1.up_proj.weight_packed' in '" + EXPERTS + "gate_up_proj_blocks' U8 [1, 16]");
        }
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', value = {
            "{'quant_method':'mxfp4','bits':4} | quantization_config.bits: found 4 (Extra inputs are not permitted), expected only modules_to_not_convert, quant_method",
            "{'quant_method':'mxfp4','modules_to_not_convert':'lm_head'} | modules_to_not_convert: found 'lm_head', expected an array",
            "{'quant_method':'mxfp4','modules_to_not_convert':['(']} | modules_to_not_convert.0: found '('",
            "{'quant_method':'mxfp8'} | quant_method: found 'mxfp8', expected a method that is known: compressed-tensors, fp8, mxfp4",
            "{'quant_method':4} | quant_method: found 4, expected a string",
    })
    void configsThatAreNotKnownAreRefused(String quantization, String complaint) {
        assertThatThrownBy(() -> open("gpt_oss", quantization, BLOCKS, "")).isInstanceOf(CheckpointException.class)
                .hasMessageContaining("config.json").hasMessageContaining(complaint);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {"model.layers.*.mlp", "experts", "model.layers.0.mlp.experts"})
    void expertsThatAreStoredThoughTheyWereNotConvertedAreRefused(String module) throws IOException {
        try (Model model = open("gpt_oss", "{'quant_method':'mxfp4','modules_to_not_convert':['" + module + "']}",
                BLOCKS, "")) {
            ModelLayer layer = model.layer(EXPERTS + "0.up_proj");
            assertThat(layer.selection()).isInstanceOf(Selection.Unquantized.class);
            assertThatThrownBy(layer::check).isInstanceOf(CheckpointException.class)
                    .hasMessageContaining("a tensor of a quantized layer").hasMessageContaining("on the ignore list");
        }
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
            "qwen3_moe | [2,2,1,16] | | model_type: found 'qwen3_moe', expected gpt_oss",
            "gpt_oss | [2,1,2,16] | | expected [experts, 2 * intermediate, hidden / 32, 16]",
            "gpt_oss | [2,2,16] | | blocks': found shape [2, 2, 16], expected [experts",
            "gpt_oss | [2,2,2,8] | | found shape [2, 2, 2, 8], expected [experts",
            "gpt_oss | [1,4,1,16] | | scales': found shape [2, 2, 1], expected shape [1, 4, 1]",
            "gpt_oss | [2,2,1,16] | 0.up_proj.weight_scale | 0.up_proj.weight_scale'",
    })
    void tensorsThatContradictEachOtherAreRefused(String modelType, String shape, String another, String complaint) {
        String more = another == null
                ? ""
                : ",'" + EXPERTS + another + "':{'dtype':'U8','shape':[0],'data_offsets':[68,68]}";
        assertThatThrownBy(() -> open(modelType, USUAL, shape, more)).isInstanceOf(CheckpointException.class)
                .hasMessageContaining(complaint);
    }
}
