package org.quantado.schemes;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.lifecycle.AfterContainer;
import net.jqwik.api.lifecycle.BeforeContainer;
import org.quantado.schemes.checkpoint.Checkpoint;
import org.quantado.schemes.checkpoint.CheckpointException;
import org.quantado.schemes.config.ModelConfig;
import org.quantado.schemes.select.LayerClass;
import org.quantado.schemes.select.SchemeSelector;
import org.quantado.schemes.select.Selection;

/** Configs and indexes, damaged at random, are read or refused as ours; and every config that is read can be used. */
class BadInputPropertyTest {
    private static final ObjectMapper MAPPER = new ObjectMapper();
    private static final String CONFIG = """
            {"model_type":"llama","torch_dtype":"bfloat16","architectures":["A"],"quantization_config":{
            "quant_method":"compressed-tensors","format":"mixed-precision","ignore":["lm_head","re:.*norm.*"],
            "kv_cache_scheme":{"num_bits":8,"type":"float","strategy":"tensor"},"quantization_status":"compressed",
            "sparsity_config":{},"transform_config":{},"version":"0.18.0","global_compression_ratio":1.5,"config_groups":{
            "group_0":{"targets":["re:.*self_attn\\\\.(q|k|v)_proj$"],"format":"nvfp4-pack-quantized","weights":{"num_bits":4,
            "type":"float","strategy":"tensor_group","group_size":16,"scale_dtype":"torch.float8_e4m3fn"},
            "input_activations":{"num_bits":4,"type":"float","strategy":"tensor_group","group_size":16,"dynamic":"local",
            "observer":"static_minmax","observer_kwargs":{"a":[1,{"b":null}]}},"output_activations":null},
            "group_1":{"targets":["Linear"],"format":"pack-quantized","weights":{"num_bits":4,"type":"int","symmetric":true,
            "group_size":128,"strategy":"group","block_structure":null,"dynamic":false,"actorder":"weight"}}}}}""";
    private static final String INDEX = """
            {"metadata":{"total_size":3},"weight_map":{"a":"one.safetensors","b":"one.safetensors"}}""";
    private static final String HEADER = """
            {"a":{"dtype":"U8","shape":[2],"data_offsets":[0,2]},"b":{"dtype":"U8","shape":[1],"data_offsets":[2,3]}}""";
    private static final List<String> VALUES = List.of("null", "true", "false", "0", "-1", "32", "3.5",
            "1e999",
            "99999999999999999999", "\"\"", "\"group\"", "\"re:(a+)+$\"", "\"re:[\"", "\"Linear\"",
            "\"a\\n\"", "[]",
            "{}", "[\"Linear\"]", "[16,16]", "\"token\"", "\"float\"", "\"local\"", "\"../x.safetensors\"",
            "\"int-quantized\"");

    private static Path folder;

    @BeforeContainer
    static void makeFolder() throws IOException {
        folder = Files.createTempDirectory("configs");
        byte[] header = HEADER.getBytes(StandardCharsets.UTF_8);
        byte[] file = Arrays.copyOf(new byte[]{(byte) header.length}, Long.BYTES + header.length + 3);
        System.arraycopy(header, 0, file, Long.BYTES, header.length);
        Files.write(folder.resolve("one.safetensors"), file);
        Files.writeString(folder.resolve("model.safetensors.index.json"), INDEX);
        Files.writeString(folder.resolve("config.json"), CONFIG);
        read();
    }

    @AfterContainer
    static void removeFolder() throws IOException {
        try (Stream<Path> paths = Files.walk(folder)) {
            for (Path path : paths.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(path);
            }
        }
    }

    @Property(tries = 2000)
    void damagedConfig(@ForAll long seed) throws IOException {
        Files.writeString(folder.resolve("model.safetensors.index.json"), INDEX);
        Files.write(folder.resolve("config.json"), damaged(CONFIG, new Random(seed)));
        readsOrRefuses();
    }

    @Property(tries = 1000)
    void damagedIndex(@ForAll long seed) throws IOException {
        Files.writeString(folder.resolve("config.json"), CONFIG);
        Files.write(folder.resolve("model.safetensors.index.json"), damaged(INDEX, new Random(seed)));
        readsOrRefuses();
    }

    private static void readsOrRefuses() {
        try {
            read();
        } catch (CheckpointException e) {
            assertThat(e).message().startsWith(folder.toString()).contains("found ", ", expected ")
                    .doesNotContain("\n");
        }
    }

    private static void read() {
        try (Checkpoint checkpoint = Checkpoint.open(folder)) {
            checkpoint.names().forEach(name -> assertThat(checkpoint.tensor(name).elements()).isPositive());
            ModelConfig.of(checkpoint).quantization().map(SchemeSelector::of).ifPresent(selector -> {
                for (String name : new String[]{"model.layers.0.self_attn.qkv_proj", "a", "lm_head"}) {
                    for (LayerClass layerClass : LayerClass.values()) {
                        assertThat(selector.select(name, layerClass)).isInstanceOf(Selection.class);
                    }
                }
            });
        }
    }

    /** Either the text itself is damaged, or one value is exchanged or removed. */
    private static byte[] damaged(String json, Random random) throws IOException {
        if (random.nextInt(3) == 0) {
            byte[] bytes = json.getBytes(StandardCharsets.UTF_8);
            for (int i = random.nextInt(3); i >= 0; i--) {
                bytes[random.nextInt(bytes.length)] ^= (byte) (1 << random.nextInt(8));
            }
            return random.nextInt(4) == 0 ? Arrays.copyOf(bytes, random.nextInt(bytes.length)) : bytes;
        }
        JsonNode tree = MAPPER.readTree(json);
        for (int i = random.nextInt(3); i >= 0; i--) {
            exchange(tree, MAPPER.readTree(VALUES.get(random.nextInt(VALUES.size()))), random);
        }
        return MAPPER.writeValueAsBytes(tree);
    }

    private static void exchange(JsonNode tree, JsonNode value, Random random) {
        List<JsonNode> containers = new ArrayList<>();
        collect(tree, containers);
        if (containers.isEmpty()) {
            return;
        }
        JsonNode container = containers.get(random.nextInt(containers.size()));
        if (container instanceof ObjectNode object) {
            List<String> names = new ArrayList<>();
            object.fieldNames().forEachRemaining(names::add);
            switch (random.nextInt(3)) {
                case 0 -> object.remove(names.get(random.nextInt(names.size())));
                case 1 -> object.set(names.get(random.nextInt(names.size())), value);
                default -> object.set("group_size", value);
            }
        } else if (container instanceof ArrayNode array) {
            array.set(random.nextInt(array.size()), value);
        }
    }

    private static void collect(JsonNode node, List<JsonNode> containers) {
        if (!node.isEmpty()) {
            containers.add(node);
        }
        node.forEach(child -> collect(child, containers));
    }
}
