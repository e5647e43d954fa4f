package org.quantado.moe;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import net.jqwik.api.Assume;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.quantado.kernels.codec.BFloat16;
import org.quantado.moe.model.MoeLayer;
import org.quantado.moe.model.MoeLayers;
import org.quantado.schemes.checkpoint.Checkpoint;
import org.quantado.schemes.checkpoint.CheckpointException;
import org.quantado.schemes.checkpoint.DType;
import org.quantado.schemes.checkpoint.SafetensorsLayout;
import org.quantado.schemes.checkpoint.SafetensorsWriter;
import org.quantado.schemes.checkpoint.Shape;
import org.quantado.schemes.checkpoint.Tensor;
import org.quantado.schemes.linear.Activations;
import org.quantado.schemes.linear.SchemeException;
import org.quantado.schemes.model.Model;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;

/**
 * A block of which a tensor was dropped, added or renamed gives the right numbers, or a refusal that names it, or another tensor
 * of its layer.
 */
class ChangedTensorsTest {
    private static final double TOLERANCE = 1e-5;

    /** Names below a block of tensors that some family or format has. */
    private static final List<String> OTHERS = List.of(".gate.bias", ".gate.e_score_correction_bias",
            ".e_score_correction_bias", ".expert_bias", ".gate.expert_bias", ".moe_statics.e_score_correction_bias",
            ".gate.weight_scale", ".router.weight", ".gate.wg.weight", ".shared_expert_gate.weight",
            ".shared_experts.up_proj.weight", ".shared_expert.gate_proj.bias", ".shared_mlp.down_proj.weight",
            ".experts.0.gate_proj.bias", ".experts.1.w2.bias", ".experts.1.up_proj.weight_scale_2",
            ".experts.1.down_proj.weight_zero_point", ".experts.0.up_proj.input_global_scale",
            ".experts.0.gate_proj.weight", ".experts.0.w1.weight", ".experts.99.up_proj.weight",
            ".experts.gate_up_proj",
            ".experts.0.norm.weight", ".norm.weight", ".gate");

    private enum Change {
        DROP, ADD, RENAME
    }

    /** A tensor that is written. */
    private record Written(DType dtype, Shape shape, MemorySegment data) {
        static Written of(Tensor tensor) {
            return new Written(tensor.dtype(), tensor.shape(), tensor.data());
        }

        /** Eight numbers that matter to what adds or multiplies with them. */
        static Written unknown() {
            short[] bits = new short[8];
            Arrays.fill(bits, (short) (Float.floatToRawIntBits(BFloat16.round(1.7f)) >>> Short.SIZE));
            return new Written(DType.BF16, Shape.of(bits.length), MemorySegment.ofArray(bits));
        }
    }

    @Property(tries = 150)
    void isRightOrRefusedByName(@ForAll @IntRange(max = 99) int folder, @ForAll Change change,
            @ForAll @IntRange(max = 9999) int tensor, @ForAll @IntRange(max = 24) int other) throws IOException {
        List<Path> reports = Golden.reports();
        Path report = reports.get(folder % reports.size());
        Path changed = Files.createTempDirectory("changed");
        try (Checkpoint checkpoint = Checkpoint.open(report.resolve("model.safetensors"));
                Checkpoint expected = Checkpoint.open(report.resolve("expected.safetensors"))) {
            String block = Golden.module(report);
            List<String> names = checkpoint.names().stream().filter(name -> name.startsWith(block + ".")).toList();
            String from = names.get(tensor % names.size());
            String to = block + OTHERS.get(other);
            Map<String, Written> tensors = new LinkedHashMap<>();
            checkpoint.names().forEach(name -> tensors.put(name, Written.of(checkpoint.tensor(name))));
            Assume.that(change == Change.DROP || !tensors.containsKey(to));
            switch (change) {
                case DROP -> tensors.remove(from);
                case ADD -> tensors.put(to, Written.unknown());
                case RENAME -> tensors.put(to, tensors.remove(from));
            }
            write(changed, tensors);
            Files.copy(report.resolve("config.json"), changed.resolve("config.json"));
            List<String> named = switch (change) {
                case DROP -> List.of(from);
                case ADD -> List.of(to);
                case RENAME -> List.of(from, to);
            };
            assertRightOrRefused(changed, block, expected, named);
        } finally {
            Files.deleteIfExists(changed.resolve("model.safetensors"));
            Files.deleteIfExists(changed.resolve("config.json"));
            Files.delete(changed);
        }
    }

    private static void write(Path folder, Map<String, Written> tensors) throws IOException {
        SafetensorsLayout layout = new SafetensorsLayout();
        tensors.forEach((name, tensor) -> layout.tensor(name, tensor.dtype, tensor.shape));
        try (SafetensorsWriter writer = SafetensorsWriter.create(folder.resolve("model.safetensors"), layout)) {
            for (Map.Entry<String, Written> tensor : tensors.entrySet()) {
                writer.write(tensor.getKey(), tensor.getValue().data);
            }
            writer.commit();
        }
    }

    private static void assertRightOrRefused(Path folder, String block, Checkpoint expected, List<String> named) {
        try (Model model = Model.open(folder)) {
            MoeLayer layer = MoeLayers.find(model, block).orElseThrow();
            layer.check();
            try (QuantizedMoe moe = layer.load(MoeParallel.WHOLE, Activations.OFF, Optional.empty())) {
                FloatArray y = moe.apply(Golden.floats(expected.tensor("x")));
                Golden.assertRows(y, expected.tensor("y_ref").toFloats(), moe.spec().hidden(), TOLERANCE);
            }
        } catch (CheckpointException | SchemeException | IllegalStateException e) {
            assertThat(named).as(e.getMessage()).anyMatch(
                    name -> e.getMessage().contains("'" + name.substring(0, name.lastIndexOf('.'))));
        }
    }
}
