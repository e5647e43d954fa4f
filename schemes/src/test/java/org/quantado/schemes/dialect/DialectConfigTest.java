package org.quantado.schemes.dialect;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.quantado.schemes.checkpoint.CheckpointException;
import org.quantado.schemes.checkpoint.DType;
import org.quantado.schemes.config.QuantizationArgs;
import org.quantado.schemes.model.Model;
import org.quantado.schemes.select.Selection;

/** What a dialect's config says and is not known is refused, and so is what contradicts itself. */
class DialectConfigTest {
    private static final String LAYER = "model.layers.1.mlp.up_proj";
    private static final String GPTQ = "'quant_method':'gptq','bits':4,'group_size':32";

    @TempDir
    private Path folder;

    private WrittenCheckpoint unquantized() {
        return new WrittenCheckpoint().floats(LAYER + ".weight", new float[4], 2, 2);
    }

    /** 32 x 32 codes, zero points of 8, two groups of one bit width. */
    private WrittenCheckpoint gptq(String layer) {
        int[] middle = new int[4];
        Arrays.fill(middle, 0x77777777);
        return new WrittenCheckpoint().ints(layer + ".qweight", new int[4 * 32], 4, 32)
                .ints(layer + ".qzeros", middle, 1, 4).floats(layer + ".scales", new float[32], 1, 32);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', value = {
            "{'quant_method':'fp8','activation_scheme':'dynamic','fmt':'e5m2'} | fmt: found 'e5m2', expected e4m3",
            "{'quant_method':'fp8','new_option':1} | new_option: found 1 (Extra inputs are not permitted)",
            "{'quant_method':'fp8','scale_fmt':'ue8m0'} | scale_fmt: found 'ue8m0', expected none",
            "{'quant_method':'fp8','weight_block_size':[128,128],'scale_fmt':'e5m3'} | expected ue8m0",
            "{'quant_method':'awq','bits':4,'group_size':128,'version':'gemv'} | version: found 'gemv', expected gemm",
            "{'quant_method':'awq','bits':4,'group_size':0} | group_size: found 0, expected a positive size",
            "{'quant_method':'awq','bits':4,'group_size':64,'zero_point':false} | zero_point: found false, expected true",
            "{'quant_method':'gptq','bits':4} | group_size: found nothing, expected an integer",
            "{'quant_method':'gptq','bits':6,'group_size':64} | bits: found 6, expected 2, 3, 4 or 8",
            "{'quant_method':'gptq','bits':4,'group_size':64,'pack_dtype':'int8'} | pack_dtype: found 'int8'",
            "{'quant_method':'gptq','bits':4,'group_size':64,'dynamic':{'+:a':{'bit':3}}} | dynamic.+:a.bit: found 3",
            "{'quant_method':'bitsandbytes','load_in_4bit':false,'load_in_8bit':true} | load_in_8bit: found true",
            "{'quant_method':'bitsandbytes','load_in_4bit':true,'bnb_4bit_quant_storage':'bfloat16'} | expected uint8",
            "{'quant_method':'auto-round','bits':4,'group_size':128} | packing_format: found nothing",
            "{'quant_method':'auto-round','bits':4,'group_size':128,'data_type':'mx_fp','packing_format':'auto_round'} | data_type: found 'mx_fp', expected int",
            "{'quant_method':'modelopt','quant_algo':'NVFP4','group_size':32} | group_size: found 32, expected 16",
            "{'quant_method':'modelopt','quant_algo':'FP8','config_groups':{'g':{'weights':{'num_bits':4}}}} | num_bits: found 4, expected 8",
            "{'quant_method':'modelopt','quant_algo':'NVFP4','pre_quant_scale':true} | pre_quant_scale: found true",
    })
    void configsThatAreNotKnownAreRefused(String quantization, String complaint) throws IOException {
        unquantized().writeTo(folder, quantization);
        assertThatThrownBy(() -> Model.open(folder)).isInstanceOf(CheckpointException.class)
                .hasMessageContaining("config.json").hasMessageContaining(complaint);
    }

    @Test
    void aFileBesideTheConfigMustSayTheSame() throws IOException {
        unquantized().writeTo(folder, "{'quant_method':'gptq','bits':4,'group_size':32}");
        Files.writeString(folder.resolve("hf_quant_config.json"),
                "{\"quantization\": {\"quant_algo\": \"FP8\", \"exclude_modules\": []}}");
        assertThatThrownBy(() -> Model.open(folder)).isInstanceOf(CheckpointException.class)
                .hasMessageContaining("hf_quant_config.json").hasMessageContaining("found 'FP8', expected gptq");
        unquantized().writeTo(folder, "{'quant_method':'modelopt','quant_algo':'FP8','ignore':['lm_head']}");
        assertThatThrownBy(() -> Model.open(folder)).isInstanceOf(CheckpointException.class)
                .hasMessageContaining("quantization.exclude_modules");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', value = {
            "{" + GPTQ + "} | 4 | 32",
            "{" + GPTQ + ",'dynamic':{'+:.*up_proj':{'group_size':-1}}} | 4 | -1",
            "{'quant_method':'auto-round','bits':8,'group_size':16,'packing_format':'auto_round:auto_gptq','extra_config':{'"
                    + LAYER
                    + "':{'bits':4,'group_size':32}}} | 4 | 32",
            "{'quant_method':'auto-round','bits':8,'group_size':16,'packing_format':'auto_round:auto_gptq','extra_config':{'up_.*$':{'bits':4,'group_size':32}}} | 4 | 32",
    })
    void layersMayBeQuantizedInTheirOwnWay(String quantization, int bits, int groupSize) throws IOException {
        gptq(LAYER).writeTo(folder, quantization);
        try (Model model = Model.open(folder)) {
            model.layer(LAYER).check();
            QuantizationArgs weights = ((Selection.Selected) model.layer(LAYER).selection()).weights();
            assertThat(weights.numBits()).isEqualTo(bits);
            assertThat(weights.groupSize().orElse(-1)).isEqualTo(groupSize);
        }
    }

    @Test
    void headsThatAreQuantizedAreRead() throws IOException {
        gptq("lm_head").writeTo(folder, "{" + GPTQ + ",'lm_head':true}");
        try (Model model = Model.open(folder)) {
            model.layer("lm_head").check();
            assertThat(model.layer("lm_head").selection()).isInstanceOf(Selection.Selected.class);
        }
    }

    @Test
    void quantizedLayersThatTheConfigExceptsAreRefused() throws IOException {
        gptq(LAYER).writeTo(folder, "{" + GPTQ + ",'dynamic':{'-:.*mlp':{}}}");
        try (Model model = Model.open(folder)) {
            assertThatThrownBy(model.layer(LAYER)::check).isInstanceOf(CheckpointException.class);
        }
    }

    @Test
    void symmetricWeightsHaveTheMiddleAsZeroPoint() throws IOException {
        new WrittenCheckpoint().ints(LAYER + ".qweight", new int[4 * 32], 4, 32)
                .ints(LAYER + ".qzeros", new int[4], 1, 4).floats(LAYER + ".scales", new float[32], 1, 32)
                .writeTo(folder, "{" + GPTQ + ",'sym':true}");
        try (Model model = Model.open(folder)) {
            assertThatThrownBy(model.layer(LAYER)::check).hasMessageContaining("zero points other than zero");
        }
    }

    /** {@code model.layers.1} is no beginning of {@code model.layers.10}. */
    @Test
    void namesToSkipAreWholeParts() throws IOException {
        new WrittenCheckpoint().bytes("model.layers.10.up_proj.weight", DType.F8_E4M3, new byte[4], 2, 2)
                .floats("model.layers.10.up_proj.weight_scale_inv", new float[1], 1, 1)
                .floats("model.layers.1.up_proj.weight", new float[4], 2, 2).writeTo(folder,
                        "{'quant_method':'fp8','weight_block_size':[128,128],'modules_to_not_convert':['model.layers.1']}");
        try (Model model = Model.open(folder)) {
            assertThat(model.layer("model.layers.10.up_proj").selection()).isInstanceOf(Selection.Selected.class);
            assertThat(model.layer("model.layers.1.up_proj").selection()).isInstanceOf(Selection.Unquantized.class);
            model.layers().forEach(layer -> layer.check());
        }
    }
}
