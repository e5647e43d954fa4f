package org.quantado.cli.engine;

import java.util.Optional;

import org.quantado.kernels.experts.MoePlan;
import org.quantado.moe.MoeParallel;
import org.quantado.moe.QuantizedMoe;
import org.quantado.moe.model.MoeLayer;
import org.quantado.moe.model.MoeLayers;
import org.quantado.schemes.checkpoint.DType;
import org.quantado.schemes.checkpoint.SafetensorsFile;
import org.quantado.schemes.checkpoint.Tensor;
import org.quantado.schemes.linear.QuantizedLinear;
import org.quantado.schemes.linear.TensorParallel;
import org.quantado.schemes.model.Model;

import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/** A layer that was asked for by name: a linear one, or a block of experts. */
public sealed interface RunnableLayer extends AutoCloseable {
    /** Loads the block of experts of this name, or else the linear layer. */
    static RunnableLayer load(Model model, String name, LayerOptions options) {
        Optional<MoeLayer> block = MoeLayers.find(model, name);
        if (block.isPresent()) {
            return new Block(block.get().load(MoeParallel.WHOLE, options.activations(), options.online()));
        }
        return new Linear(model.layer(name).load(TensorParallel.WHOLE, options.activations(), options.online()));
    }

    int inputs();

    int outputs();

    /** Bytes of its weights in the layout of the kernels. */
    long weightBytes();

    /**
     * Computes {@code y}.
     *
     * @param x {@code [M, K]}
     * @param file that has x, and what else the layer takes
     */
    FloatArray apply(FloatArray x, SafetensorsFile file);

    @Override
    void close();

    /** y = x w^T + bias. */
    record Linear(QuantizedLinear layer) implements RunnableLayer {
        @Override
        public int inputs() {
            return layer.spec().inputSizePerPartition();
        }

        @Override
        public int outputs() {
            return layer.spec().outputSizePerPartition();
        }

        @Override
        public long weightBytes() {
            return layer.weightBytes();
        }

        @Override
        public FloatArray apply(FloatArray x, SafetensorsFile file) {
            return layer.apply(x);
        }

        @Override
        public void close() {
            layer.close();
        }
    }

    /** A block of experts, which takes {@code topk_ids} and {@code topk_weights} or {@code router_logits} if they are there. */
    record Block(QuantizedMoe layer) implements RunnableLayer {
        private static final String IDS = "topk_ids";
        private static final String WEIGHTS = "topk_weights";
        private static final String LOGITS = "router_logits";

        @Override
        public int inputs() {
            return layer.spec().hidden();
        }

        @Override
        public int outputs() {
            return layer.spec().hidden();
        }

        @Override
        public long weightBytes() {
            return layer.weightBytes();
        }

        @Override
        public FloatArray apply(FloatArray x, SafetensorsFile file) {
            int tokens = x.getSize() / inputs();
            int topK = layer.spec().router().topK();
            if (file.contains(IDS)) {
                Tensor ids = file.tensor(IDS).requireDType(DType.I32).requireShape(tokens, topK);
                return layer.apply(x, floats(file.tensor(WEIGHTS).requireShape(tokens, topK)),
                        IntArray.fromArray(requireExperts(ids)));
            }
            boolean needsLogits = !layer.hasRouter();
            if (needsLogits || file.contains(LOGITS)) {
                return layer.apply(x, floats(file.tensor(LOGITS).requireShape(tokens, layer.spec().experts())));
            }
            return layer.apply(x);
        }

        private int[] requireExperts(Tensor ids) {
            int[] experts = ids.toInts();
            for (int expert : experts) {
                if (expert < MoePlan.NO_EXPERT || expert >= layer.spec().experts()) {
                    throw ids.error("expert " + expert,
                            "0 to " + (layer.spec().experts() - 1) + ", or " + MoePlan.NO_EXPERT + " for none");
                }
            }
            return experts;
        }

        private static FloatArray floats(Tensor tensor) {
            return FloatArray.fromArray(tensor.toFloats());
        }

        @Override
        public void close() {
            layer.close();
        }
    }
}
