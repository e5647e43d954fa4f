package org.quantado.schemes.model;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;

import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.ShrinkingMode;
import net.jqwik.api.Tag;
import net.jqwik.api.lifecycle.AfterContainer;
import net.jqwik.api.lifecycle.BeforeContainer;
import org.quantado.schemes.checkpoint.CheckpointException;
import org.quantado.schemes.linear.Activations;
import org.quantado.schemes.linear.QuantizedLinear;
import org.quantado.schemes.linear.SchemeException;
import org.quantado.schemes.model.StoredTensors.Stored;
import org.quantado.schemes.select.Selection.Unquantized;

import uk.ac.manchester.tornado.api.types.arrays.FloatArray;

/**
 * A tensor of a valid layer is dropped, added or renamed: the layer gives the same numbers as before, or is refused with
 * the name of the tensor; and inspecting it says so before it is loaded.
 */
@Tag("golden")
class AlteredTensorsTest {
    private static final Path VALID = Path.of("src/test/resources/golden/linear");
    private static final List<String> CASES = List.of("wna16/w4_asym_group64_actorder", "wna16/w3_group32_dense",
            "nvfp4/fused_qkv_m5", "mxfp8/m1", "mxfp4/w4a4_m5", "wna8o8/w8_int_channel", "w8a8_fp8/block128_ragged_n",
            "w8a8_int8/static_tensor_asym");
    /** What checkpoints call tensors of a layer, here or elsewhere. */
    private static final List<String> NAMES = List.of("weight", "weight_packed", "weight_scale", "weight_scale_inv",
            "weight_shape", "weight_zero_point", "weight_g_idx", "weight_global_scale", "input_scale",
            "input_zero_point", "input_global_scale", "output_scale", "output_zero_point", "bias", "weight_bias",
            "gate",
            "weight_scale_2", "pre_quant_scale", "lora_A.weight", "qweight", "g_idx", "k_scale", "inv_freq", "x");
    private static final int ROWS = 2;

    private static Path scratch;

    @BeforeContainer
    static void makeScratch() throws IOException {
        scratch = Files.createTempDirectory("altered");
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

    @Property(tries = 150, shrinking = ShrinkingMode.OFF)
    void sameNumbersOrRefused(@ForAll("cases") String name, @ForAll long seed) throws IOException {
        Random random = new Random(seed);
        StoredTensors file = StoredTensors.read(VALID.resolve(name).resolve("model.safetensors"));
        List<Stored> tensors = file.all();
        Files.copy(VALID.resolve(name).resolve("config.json"), scratch.resolve("config.json"),
                StandardCopyOption.REPLACE_EXISTING);
        file.write(scratch.resolve("model.safetensors"));
        List<float[]> before = run(Optional.empty());

        int at = random.nextInt(tensors.size());
        Stored chosen = tensors.get(at);
        String other = chosen.name().substring(0, chosen.name().lastIndexOf('.') + 1)
                + NAMES.get(random.nextInt(NAMES.size()));
        boolean isThere = tensors.stream().anyMatch(tensor -> tensor.name().equals(other));
        boolean isBias = chosen.name().endsWith(".bias");
        int change = random.nextInt(3);
        if (change == 0) {
            tensors.remove(at);
        } else if (!isThere && change == 1) {
            tensors.add(new Stored(other, chosen.info(), chosen.bytes()));
        } else if (!isThere) {
            tensors.set(at, new Stored(other, chosen.info(), chosen.bytes()));
        }
        // A layer without its bias is another valid layer, and so is one that gets one.
        boolean otherLayer = (isBias && change != 1) || (other.endsWith(".bias") && change != 0);
        file.write(scratch.resolve("model.safetensors"));
        List<float[]> after = run(Optional.of(List.of(chosen.name(), other)));

        if (!after.isEmpty() && !otherLayer) {
            assertThat(after).usingRecursiveComparison().isEqualTo(before);
        }
    }

    /**
     * What all quantized layers give; nothing if one is refused.
     *
     * @param suspects the names of which a refusal must have one; without them it must not be refused
     */
    private static List<float[]> run(Optional<List<String>> suspects) {
        List<float[]> outputs = new ArrayList<>();
        boolean accepted = false;
        try (Model model = Model.open(scratch)) {
            model.layers().forEach(ModelLayer::check);
            accepted = true;
            for (ModelLayer layer : model.layers()) {
                if (!(layer.selection() instanceof Unquantized)) {
                    try (QuantizedLinear linear = layer.load(Activations.CONFIG)) {
                        outputs.add(linear.apply(input(linear)).toHeapArray());
                    }
                }
            }
            return outputs;
        } catch (CheckpointException | SchemeException refused) {
            assertThat(accepted).as("accepted, then: %s", refused.getMessage()).isFalse();
            assertThat(suspects).as(refused.getMessage()).isPresent();
            assertThat(suspects.get()).as(refused.getMessage()).anyMatch(refused.getMessage()::contains);
            return List.of();
        }
    }

    private static FloatArray input(QuantizedLinear linear) {
        FloatArray x = new FloatArray(ROWS * linear.spec().inputSizePerPartition());
        Random random = new Random(1);
        for (int i = 0; i < x.getSize(); i++) {
            x.set(i, (float) random.nextGaussian());
        }
        return x;
    }
}
