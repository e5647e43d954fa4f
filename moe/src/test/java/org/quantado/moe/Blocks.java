package org.quantado.moe;

import java.util.Optional;
import org.quantado.kernels.experts.ExpertMlp;
import org.quantado.kernels.experts.MoeBlock;
import org.quantado.kernels.matmul.ExpertMatrix;
import org.quantado.kernels.matmul.ExpertStack;
import org.quantado.kernels.matmul.ExpertWeights;
import org.quantado.moe.model.MoeLayer;
import org.quantado.schemes.checkpoint.LinearizedExperts;
import org.quantado.schemes.checkpoint.TensorSource;
import org.quantado.schemes.linear.Activations;
import org.quantado.schemes.linear.OnlineFormat;
import org.quantado.schemes.model.Model;

/** Blocks as the kernels see them, with all weights in memory. */
final class Blocks {
    private Blocks() {
    }

    /** The block that a layer loads. */
    static MoeBlock of(Model model, MoeLayer layer, MoeParallel part, Activations activations,
            Optional<OnlineFormat> online) {
        MoeMethod method = layer.method(online);
        TensorSource tensors = model.config().stackLayout()
                .flatMap(layout -> LinearizedExperts.of(model.checkpoint(), layout).stream().findFirst())
                .<TensorSource>map(experts -> experts).orElse(model.checkpoint());
        return of(method.assemble(method.createWeights(layer.spec().withParallel(part)).load(tensors), activations));
    }

    /** The block with its weights read. */
    static MoeBlock of(MoeBlock block) {
        return new MoeBlock(of(block.experts()), block.expertMap(), block.router(), block.weightOnInput(),
                block.shared().map(Blocks::of));
    }

    private static ExpertMlp of(ExpertMlp mlp) {
        return new ExpertMlp(ExpertStack.of(mlp.gateUp()), ExpertStack.of(mlp.down()), mlp.activation(),
                mlp.inputQuantizer(), mlp.activationQuantizer());
    }

    /** One of the matrices of a block of here. */
    static ExpertMatrix matrix(ExpertWeights weights) {
        return (ExpertMatrix) weights;
    }
}
