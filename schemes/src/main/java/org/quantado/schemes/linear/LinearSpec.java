package org.quantado.schemes.linear;

import java.util.List;

import org.quantado.kernels.codec.ModelDtype;

/**
 * A linear layer to be created: its size, the modules of the checkpoint that it is made of, and the part of it that
 * this process holds.
 *
 * @param layerName name of the layer, which for a fused layer is not in the checkpoint ({@code ...qkv_proj})
 * @param inputSize K of the whole layer
 * @param partitions what is stacked along N: one module, or the several of a fused layer
 * @param paramsDtype the model's type, in which some activations are quantized
 * @param parallel the part held here
 */
public record LinearSpec(String layerName, int inputSize, List<Partition> partitions, ModelDtype paramsDtype,
        TensorParallel parallel) {
    /**
     * One module of the checkpoint.
     *
     * @param module its name there
     * @param outputSize N of the whole module
     */
    public record Partition(String module, int outputSize) {
    }

    public LinearSpec {
        partitions = List.copyOf(partitions);
        if (partitions.isEmpty()) {
            throw new IllegalArgumentException("layer " + layerName + " has no partitions");
        }
        int parts = parallel.size();
        if (parallel.cut() == TensorParallel.Cut.INPUTS && inputSize % parts != 0) {
            throw new IllegalArgumentException(
                    indivisible("input_size", inputSize, layerName, parts));
        }
        for (Partition partition : partitions) {
            if (parallel.cut() == TensorParallel.Cut.OUTPUTS && partition.outputSize % parts != 0) {
                throw new IllegalArgumentException(
                        indivisible("output_size", partition.outputSize, partition.module, parts));
            }
        }
    }

    /** A whole layer that is one module of the checkpoint. */
    public static LinearSpec of(String module, int outputSize, int inputSize, ModelDtype paramsDtype) {
        return new LinearSpec(module, inputSize, List.of(new Partition(module, outputSize)), paramsDtype,
                TensorParallel.WHOLE);
    }

    /** The same layer, of which this process holds a part. */
    public LinearSpec withParallel(TensorParallel part) {
        return new LinearSpec(layerName, inputSize, partitions, paramsDtype, part);
    }

    /** K of the part held here. */
    public int inputSizePerPartition() {
        return inputs().length();
    }

    /** N of the part held here, over all partitions. */
    public int outputSizePerPartition() {
        return partitions.stream().mapToInt(partition -> outputs(partition).length()).sum();
    }

    Span inputs() {
        return parallel.cut() == TensorParallel.Cut.INPUTS
                ? Span.part(inputSize, parallel.rank(), parallel.size())
                : Span.of(inputSize);
    }

    Span outputs(Partition partition) {
        return parallel.cut() == TensorParallel.Cut.OUTPUTS
                ? Span.part(partition.outputSize, parallel.rank(), parallel.size())
                : Span.of(partition.outputSize);
    }

    private static String indivisible(String what, int size, String name, int parts) {
        return what + "=" + size + " of layer '" + name + "' is not divisible by tensor_parallel_size="
                + parts
                + "; use a tensor_parallel_size that divides it";
    }
}
