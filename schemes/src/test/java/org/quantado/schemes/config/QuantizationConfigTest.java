package org.quantado.schemes.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.quantado.schemes.checkpoint.CheckpointException;

class QuantizationConfigTest {
    @TempDir
    private Path folder;

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', value = {
            "{} | config_groups: found nothing, expected an object",
            "{'config_groups':[]} | config_groups: found an array",
            "{'config_groups':{'W4A16':['Linear']}} | config_groups.W4A16: found an array, expected an object",
            "{'config_groups':{'g':{}}} | config_groups.g.targets: found nothing, expected an array",
            "{'config_groups':{'g':{'targets':[1]}}} | config_groups.g.targets.0: found 1, expected a string",
            "{'config_groups':{'g':{'targets':['re:(']}}} | config_groups.g.targets.0: found 're:('",
            "{'config_groups':{'g':{'targets':[],'x':{}}}} | config_groups.g.x: found an object (Extra inputs",
            "{'config_groups':{'g':{'targets':[],'format':'mixed-precision'}}} | mixed-precision cannot be set",
            "{'config_groups':{'g':{'targets':[],'input_activations':{'strategy':'channel'}}}} | not supported for activation",
            "{'config_groups':{'g':{'targets':[],'input_activations':{'group_size':8,'actorder':'weight'}}}} | Cannot apply actorder to input activations",
            "{'config_groups':{'g':{'targets':[],'output_activations':{'group_size':8,'actorder':'weight'}}}} | Cannot apply actorder to output activations",
            "{'config_groups':{},'quant_method':'awq'} | quant_method: found 'awq', expected compressed-tensors",
            "{'config_groups':{},'format':'zip'} | format: found 'zip', expected one of dense",
            "{'config_groups':{},'ignore':'lm_head'} | ignore: found 'lm_head', expected an array",
            "{'config_groups':{},'quantization_status':'done'} | quantization_status: found 'done'",
            "{'config_groups':{},'sparsity_config':{'format':'x','targets':['Linear']}} | Sparsity support has been removed",
            "{'config_groups':{},'sparsity_config':1} | sparsity_config: found 1, expected an object",
            "{'config_groups':{},'transform_config':{'config_groups':{'u':{'apply':[{'location':1}]}}}} | transform_config.config_groups.u.apply.0.location: found 1",
            "{'config_groups':{},'kv_cache_scheme':{'num_bits':8}} | kv_cache_scheme: found num_bits=8, type=int",
            "{'config_groups':{},'kv_cache_scheme':{'type':'float','strategy':'channel'}} | found strategy channel, expected tensor or attn_head",
            "{'config_groups':{},'kv_cache_scheme':{'type':'float','symmetric':false}} | Only support symmetric",
            "{'config_groups':{},'global_compression_ratio':'1'} | global_compression_ratio: found '1', expected a number",
    })
    void refusesWhatThePeerRefuses(String json, String complaint) {
        assertThatThrownBy(() -> ConfigTexts.read(json)).isInstanceOf(CheckpointException.class)
                .hasMessageStartingWith("config.json: quantization_config.").hasMessageContaining(complaint);
    }

    @Test
    void readsOlderConfigs() {
        QuantizationConfig config = ConfigTexts
                .read("{'config_groups':{},'ignore':null,'run_compressed':true,"
                        + "'sparsity_config':{'format':'dense','targets':[]},'kv_cache_scheme':{'type':'float'}}");
        assertThat(config.format()).isEmpty();
        assertThat(config.ignore()).isEmpty();
        assertThat(config.status()).isEqualTo(QuantizationStatus.INITIALIZED);
        assertThat(config.kvCacheScheme()).isPresent();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', value = {
            "{\"torch_dtype\":\"bfloat16\",\"model_type\":\"llama\",\"architectures\":[\"A\"]} | BFLOAT16",
            "{\"dtype\":\"float16\",\"x\":[0.0,Infinity,NaN]} | FLOAT16",
            "{\"text_config\":{\"dtype\":\"torch.float32\"}} | FLOAT32",
    })
    void findsTheModelsType(String json, TorchDType dtype) throws IOException {
        Path file = Files.writeString(folder.resolve("config.json"), json);
        assertThat(ModelConfig.read(file).dtype()).contains(dtype);
        assertThat(ModelConfig.read(file).quantization()).isEmpty();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', value = {
            "[] | no JSON object", "`` | no JSON object", "{} {} | malformed JSON",
            "{\"a\":1,\"a\":2} | Duplicate field 'a'",
            "{\"torch_dtype\":\"int5\"} | torch_dtype: found 'int5'",
            "{\"architectures\":\"A\"} | architectures: found 'A'",
            "{\"quantization_config\":[]} | quantization_config.config_groups: found nothing",
    })
    void refusesOtherFiles(String json, String complaint) throws IOException {
        Path file = Files.writeString(folder.resolve("config.json"), json);
        assertThatThrownBy(() -> ModelConfig.read(file)).isInstanceOf(CheckpointException.class)
                .hasMessageStartingWith(file + ": ").hasMessageContaining(complaint);
    }
}
