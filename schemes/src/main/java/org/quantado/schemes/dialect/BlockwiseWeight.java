package org.quantado.schemes.dialect;

import java.io.ByteArrayInputStream;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.IntStream;
import java.util.stream.Stream;

import org.quantado.kernels.codec.TableOf16;
import org.quantado.schemes.checkpoint.Checkpoint;
import org.quantado.schemes.checkpoint.DType;
import org.quantado.schemes.checkpoint.JsonFile;
import org.quantado.schemes.checkpoint.Shape;
import org.quantado.schemes.checkpoint.Tensor;
import org.quantado.schemes.config.JsonField;
import org.quantado.schemes.config.QuantizationArgs;
import org.quantado.schemes.config.QuantizationType;

/**
 * A weight {@code [N, K]} that bitsandbytes has quantized in blocks of its elements, which run over the ends of rows:
 * {@code weight} U8 {@code [ceil(N*K/2), 1]}, the first of two codes in the high half, and beside it {@code weight.absmax}
 * F32, one for each block, {@code weight.quant_map} F32 {@code [16]} and the JSON text
 * {@code weight.quant_state.bitsandbytes__nf4}. Where {@code absmax} is U8, it is
 * {@code nested_quant_map[absmax[i]] * nested_absmax[i / nested_blocksize] + nested_offset}.
 *
 * <p>Blocks that do not end with rows are seen as smaller groups that do, several of which have one scale.
 */
final class BlockwiseWeight {
    private static final String STATE = ".quant_state.bitsandbytes__";
    private static final int BITS = 4;
    private static final int CODES_OF_WORD = Integer.SIZE / BITS;
    private static final int NESTED_CODES = 1 << Byte.SIZE;
    private static final Set<String> FIELDS = Set.of("quant_type", "blocksize", "dtype", "shape", "nested_blocksize",
            "nested_dtype", "nested_offset");

    private final Checkpoint checkpoint;
    private final Tensor weight;
    private final QuantizationType type;
    private final int outputs;
    private final int inputs;
    private final int blockSize;
    private final Optional<Nested> nested;
    private final Set<String> parts = new HashSet<>();

    /** How the scales are quantized themselves. */
    private record Nested(int blockSize, float offset) {
    }

    private BlockwiseWeight(Checkpoint checkpoint, Tensor weight, Tensor stateText, QuantizationType type) {
        this.checkpoint = checkpoint;
        this.weight = weight;
        this.type = type;
        JsonField state = state(stateText);
        state.requireOnly(FIELDS);
        if (!state.get("quant_type").string().equals(type.jsonName())) {
            throw state.get("quant_type").refuse(type.jsonName());
        }
        List<JsonField> shape = state.get("shape").elements();
        if (shape.size() != 2) {
            throw state.get("shape").refuse("the two sizes of a matrix");
        }
        this.outputs = positive(shape.get(0));
        this.inputs = positive(shape.get(1));
        this.blockSize = positive(state.get("blocksize"));
        this.nested = state.get("nested_blocksize").optional()
                .map(size -> new Nested(positive(size), (float) state.get("nested_offset").number()));
        parts.add(stateText.name());
        requireTensors();
    }

    /** What the tensors of this weight say; empty where it is not one of bitsandbytes. */
    static Optional<BlockwiseWeight> of(Checkpoint checkpoint, String weight) {
        return Stream.of(QuantizationType.NF4, QuantizationType.FP4)
                .flatMap(type -> checkpoint.find(weight + STATE + type.jsonName()).stream()
                        .map(text -> new BlockwiseWeight(checkpoint, checkpoint.tensor(weight), text, type)))
                .findFirst();
    }

    private static JsonField state(Tensor text) {
        byte[] bytes = text.requireDType(DType.U8).toBytes();
        Path name = Path.of(text.file() + ": tensor '" + text.name() + "'");
        return JsonField.root(name, JsonFile.readObject(name, new ByteArrayInputStream(bytes)));
    }

    private static int positive(JsonField field) {
        if (field.integer() < 1) {
            throw field.refuse("at least 1");
        }
        return field.integer();
    }

    private void requireTensors() {
        long elements = outputs * (long) inputs;
        long blocks = Math.ceilDiv(elements, (long) blockSize);
        weight.requireDType(DType.U8).requireShape(Math.ceilDiv(elements, 2L), 1);
        part("absmax", nested.isPresent() ? DType.U8 : DType.F32, blocks);
        Tensor map = part("quant_map", DType.F32, 1 << BITS);
        if (!Arrays.equals(map.toFloats(), TableOf16.valueOf(type.name()).toFloats())) {
            throw map.error("other values", "those of " + type.jsonName());
        }
        nested.ifPresent(some -> {
            part("nested_absmax", DType.F32, Math.ceilDiv(blocks, (long) some.blockSize));
            part("nested_quant_map", DType.F32, NESTED_CODES);
        });
    }

    private Tensor part(String name, DType dtype, long size) {
        Tensor part = tensor(name).requireDType(dtype).requireShape(size);
        parts.add(part.name());
        return part;
    }

    private Tensor tensor(String name) {
        return checkpoint.tensor(weight.name() + "." + name);
    }

    QuantizationType type() {
        return type;
    }

    /** Whether a tensor beside the weight is one that it consists of. */
    boolean consists(Tensor tensor) {
        return parts.contains(tensor.name());
    }

    /** Neighbours that share a scale, such that groups end with rows. */
    private int groupSize() {
        return (int) IntegerFormat.divisor(inputs, blockSize);
    }

    QuantizationArgs args() {
        return QuantizationArgs.perTensor(BITS, type).perGroup(groupSize());
    }

    /** {@code [N, K]} as a tensor. */
    Tensor size() {
        return Computed.size(weight, outputs, inputs);
    }

    /** Codes in words, I32 {@code [N, ceil(K/8)]}, the first in the lowest bits. */
    Tensor codes() {
        int words = Math.ceilDiv(inputs, CODES_OF_WORD);
        return weight.derived(DType.I32, Shape.of(outputs, words), () -> {
            MemorySegment bytes = weight.data();
            int[] packed = new int[Math.multiplyExact(outputs, words)];
            IntStream.range(0, outputs).parallel().forEach(n -> {
                for (int k = 0; k < inputs; k++) {
                    long element = n * (long) inputs + k;
                    int pair = bytes.get(ValueLayout.JAVA_BYTE, element / 2);
                    int code = pair >> (element % 2 == 0 ? BITS : 0) & (1 << BITS) - 1;
                    packed[n * words + k / CODES_OF_WORD] |= code << (k % CODES_OF_WORD * BITS);
                }
            });
            return Computed.littleEndian(packed);
        });
    }

    /** Scales of groups, F32 {@code [N, K/groupSize]}. */
    Tensor scales() {
        int groups = inputs / groupSize();
        return weight.derived(DType.F32, Shape.of(outputs, groups), () -> {
            float[] ofBlocks = blockScales();
            float[] scales = new float[Math.multiplyExact(outputs, groups)];
            for (int i = 0; i < scales.length; i++) {
                scales[i] = ofBlocks[(int) (i * (long) groupSize() / blockSize)];
            }
            return Computed.littleEndian(scales);
        });
    }

    private float[] blockScales() {
        return nested.map(some -> {
            byte[] codes = tensor("absmax").toBytes();
            float[] table = tensor("nested_quant_map").toFloats();
            float[] scales = tensor("nested_absmax").toFloats();
            float[] values = new float[codes.length];
            for (int i = 0; i < codes.length; i++) {
                values[i] = table[Byte.toUnsignedInt(codes[i])] * scales[i / some.blockSize] + some.offset;
            }
            return values;
        }).orElseGet(() -> tensor("absmax").toFloats());
    }
}
