package org.quantado.kernels.golden;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.opentest4j.TestAbortedException;
import org.quantado.kernels.codec.BFloat16;
import org.quantado.kernels.codec.Float16;
import org.quantado.kernels.codec.ModelDtype;

/**
 * The tensors of a small, well-formed safetensors file. It is read at the first use, so that where it is missing a test is
 * aborted and not the class that has the test.
 */
public final class GoldenTensors {
    private final String file;
    private SortedMap<String, Tensor> tensors;

    /** A tensor's type as its file names it, its shape, and its little-endian bytes. */
    @SuppressWarnings("ArrayRecordComponent")
    private record Tensor(String dtype, int[] shape, ByteBuffer data) {
        int size() {
            int size = 1;
            for (int length : shape) {
                size *= length;
            }
            return size;
        }
    }

    GoldenTensors(String file) {
        this.file = file;
    }

    /** The names of all tensors, sorted. */
    public Stream<String> names() {
        return tensors().keySet().stream();
    }

    /** Whether there is such a tensor. */
    public boolean has(String name) {
        return tensors().containsKey(name);
    }

    /** What comes before the suffix in the names that end with it; the test is aborted if there is no such name. */
    public Stream<String> prefixesOf(String suffix) {
        if (names().noneMatch(name -> name.endsWith(suffix))) {
            throw new TestAbortedException("no golden case: " + file + " has no tensor *" + suffix);
        }
        return names().filter(name -> name.endsWith(suffix))
                .map(name -> name.substring(0, name.length() - suffix.length()));
    }

    /** The model type of a float tensor. */
    public ModelDtype dtype(String name) {
        return ModelDtype.valueOf(tensor(name).dtype());
    }

    /** A tensor's shape. */
    public int[] shape(String name) {
        return tensor(name).shape().clone();
    }

    /** The length of a tensor's last dimension. */
    public int columns(String name) {
        int[] shape = tensor(name).shape();
        return shape[shape.length - 1];
    }

    /** The values of a float tensor. */
    public float[] floats(String name) {
        Tensor tensor = tensor(name);
        float[] values = new float[tensor.size()];
        for (int index = 0; index < values.length; index++) {
            values[index] = switch (tensor.dtype()) {
                case "F32" -> tensor.data().getFloat(index * Float.BYTES);
                case "BF16" -> BFloat16.toFloat(tensor.data().getShort(index * Short.BYTES));
                case "F16" -> Float16.toFloat(tensor.data().getShort(index * Short.BYTES));
                default -> throw new AssertionError(name + " is " + tensor.dtype() + ", not floats");
            };
        }
        return values;
    }

    /** The value of a double tensor with one element. */
    public double scalar(String name) {
        return tensor(name).data().getDouble(0);
    }

    /** The elements of an I32 tensor. */
    public int[] ints(String name) {
        Tensor tensor = tensor(name);
        int[] values = new int[tensor.size()];
        tensor.data().asIntBuffer().get(values);
        return values;
    }

    /** The elements of a tensor of one-byte elements. */
    public byte[] bytes(String name) {
        Tensor tensor = tensor(name);
        byte[] values = new byte[tensor.size()];
        tensor.data().get(0, values);
        return values;
    }

    private Tensor tensor(String name) {
        Tensor tensor = tensors().get(name);
        if (tensor == null) {
            throw new TestAbortedException("no golden case: " + file + " has no tensor " + name);
        }
        return tensor;
    }

    private SortedMap<String, Tensor> tensors() {
        if (tensors == null) {
            Path path = GoldenFolder.path(file);
            try {
                tensors = read(ByteBuffer.wrap(Files.readAllBytes(path)).order(ByteOrder.LITTLE_ENDIAN));
            } catch (IOException e) {
                throw new AssertionError(path.toString(), e);
            }
        }
        return tensors;
    }

    private static SortedMap<String, Tensor> read(ByteBuffer content) throws IOException {
        byte[] header = new byte[Math.toIntExact(content.getLong())];
        content.get(header);
        ByteBuffer data = content.slice();
        SortedMap<String, Tensor> tensors = new TreeMap<>();
        for (var entry : new ObjectMapper().readTree(header).properties()) {
            JsonNode offsets = entry.getValue().get("data_offsets");
            if (offsets != null) {
                int begin = offsets.get(0).intValue();
                ByteBuffer bytes = data.slice(begin, offsets.get(1).intValue() - begin);
                int[] shape = entry.getValue().get("shape").valueStream().mapToInt(JsonNode::intValue)
                        .toArray();
                String dtype = entry.getValue().get("dtype").textValue();
                tensors.put(entry.getKey(), new Tensor(dtype, shape, bytes.order(ByteOrder.LITTLE_ENDIAN)));
            }
        }
        return tensors;
    }
}
