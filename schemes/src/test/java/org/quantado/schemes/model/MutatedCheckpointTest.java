package org.quantado.schemes.model;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;

import net.jqwik.api.Tag;
import org.quantado.schemes.checkpoint.CheckpointException;
import org.quantado.schemes.linear.Activations;
import org.quantado.schemes.linear.QuantizedLinear;
import org.quantado.schemes.linear.SchemeException;
import org.quantado.schemes.select.Selection.Unquantized;

import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.ShrinkingMode;
import net.jqwik.api.lifecycle.AfterContainer;
import net.jqwik.api.lifecycle.BeforeContainer;

/** Checkpoints damaged at random are loaded, or refused in one line; nothing else happens. */
@Tag("golden")
class MutatedCheckpointTest {
    private static final Path VALID = Path.of("src/test/resources/golden/linear");
    private static final List<String> CASES = List.of("wna16/w4_asym_group64_actorder", "wna16/w3_group32_dense",
            "nvfp4/fused_qkv_m5", "mxfp8/m1", "mxfp4/w4a4_m5", "wna8o8/w8_int_channel", "w8a8_fp8/block128_ragged_n",
            "w8a8_int8/static_tensor_asym");
    /** Numbers that have broken readers before. */
    private static final List<String> NUMBERS = List.of("0", "-1", "1", "2", "3", "31", "2147483647", "2147483648",
            "9223372036854775807", "18446744073709551616", "1e9", "0.5", "null", "\"\"", "[]", "{}", "true");

    private static Path scratch;

    @BeforeContainer
    static void makeScratch() throws IOException {
        scratch = Files.createTempDirectory("mutated");
    }

    @AfterContainer
    static void removeScratch() throws IOException {
        for (String name : List.of("config.json", "model.safetensors")) {
            Files.deleteIfExists(scratch.resolve(name));
        }
        Files.delete(scratch);
    }

    @Provide
    Arbitrary<String> cases() {
        return Arbitraries.of(CASES);
    }

    @Property(tries = 400, shrinking = ShrinkingMode.OFF)
    void numbersOfHeadersAndConfigsReplaced(@ForAll("cases") String name, @ForAll long seed) throws IOException {
        Random random = new Random(seed);
        byte[] model = Files.readAllBytes(VALID.resolve(name).resolve("model.safetensors"));
        byte[] config = Files.readAllBytes(VALID.resolve(name).resolve("config.json"));
        if (random.nextBoolean()) {
            config = withOtherNumber(new String(config, StandardCharsets.UTF_8), random)
                    .getBytes(StandardCharsets.UTF_8);
        } else {
            model = withOtherHeader(model, random);
        }
        loadOrRefuse(model, config);
    }

    @Property(tries = 400, shrinking = ShrinkingMode.OFF)
    void bytesReplacedAnywhere(@ForAll("cases") String name, @ForAll long seed) throws IOException {
        Random random = new Random(seed);
        byte[] model = Files.readAllBytes(VALID.resolve(name).resolve("model.safetensors"));
        for (int change = 0; change < 1 + random.nextInt(8); change++) {
            model[random.nextInt(model.length)] = (byte) random.nextInt();
        }
        loadOrRefuse(model, Files.readAllBytes(VALID.resolve(name).resolve("config.json")));
    }

    private static void loadOrRefuse(byte[] modelBytes, byte[] configBytes) throws IOException {
        Files.write(scratch.resolve("model.safetensors"), modelBytes);
        Files.write(scratch.resolve("config.json"), configBytes);
        try (Model model = Model.open(scratch)) {
            for (ModelLayer layer : model.layers()) {
                try {
                    layer.check();
                    if (!(layer.selection() instanceof Unquantized)) {
                        try (QuantizedLinear linear = layer.load(Activations.CONFIG)) {
                            assertThat(linear.weight().matrix().outputs()).isPositive();
                        }
                    }
                } catch (CheckpointException | SchemeException refused) {
                    assertThat(refused.getMessage()).doesNotContain("\n").contains(scratch.toString());
                }
            }
        } catch (CheckpointException | SchemeException refused) {
            assertThat(refused.getMessage()).doesNotContain("\n").isNotBlank();
        }
    }

    /** The JSON with one of its numbers replaced. */
    private static String withOtherNumber(String json, Random random) {
        List<MatchResult> numbers = Pattern.compile("(?<=[\\[:,] ?)\\d+|null|true|false")
                .matcher(json).results().toList();
        var number = numbers.get(random.nextInt(numbers.size()));
        return json.substring(0, number.start()) + NUMBERS.get(random.nextInt(NUMBERS.size()))
                + json.substring(number.end());
    }

    /** The file with one number of its header replaced, and the header's length made right again. */
    private static byte[] withOtherHeader(byte[] model, Random random) {
        int length = (model[0] & 0xff) | ((model[1] & 0xff) << Byte.SIZE);
        String header = new String(model, Long.BYTES, length, StandardCharsets.UTF_8);
        byte[] changed = withOtherNumber(header, random).getBytes(StandardCharsets.UTF_8);
        byte[] file = new byte[Long.BYTES + changed.length + model.length - Long.BYTES - length];
        file[0] = (byte) changed.length;
        file[1] = (byte) (changed.length >> Byte.SIZE);
        System.arraycopy(changed, 0, file, Long.BYTES, changed.length);
        System.arraycopy(model, Long.BYTES + length, file, Long.BYTES + changed.length,
                model.length - Long.BYTES - length);
        return file;
    }
}
