package org.quantado.moe;

import java.util.Optional;
import org.quantado.kernels.experts.ExpertMlp;
import org.quantado.kernels.experts.MoeBlock;
import org.quantado.kernels.experts.Router;
import org.quantado.kernels.experts.SharedExperts;
import org.quantado.kernels.experts.SideLayer;
import org.quantado.kernels.matmul.ExpertMatrix;
import org.quantado.kernels.matmul.ExpertStack;
import org.quantado.kernels.matmul.ExpertWeights;
import org.quantado.kernels.quantize.Quantizer;
import org.quantado.moe.model.MoeLayer;
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
        return of(method.assemble(layer.parameters(method, part), activations));
    }

    /** The block with its weights read. */
    static MoeBlock of(MoeBlock block) {
        Router router = block.router();
        return new MoeBlock(of(block.experts()), block.expertMap(),
                new Router(router.topK(), router.layer().map(Blocks::of), router.scoreBias()), block.weightOnInput(),
                block.shared().map(shared -> new SharedExperts(of(shared.mlp()), shared.gate().map(Blocks::of))));
    }

    private static ExpertMlp of(ExpertMlp mlp) {
        return new ExpertMlp(ExpertStack.of(mlp.gateUp()), ExpertStack.of(mlp.down()), mlp.activation(),
                mlp.inputQuantizer(), mlp.activationQuantizer());
    }

    private static SideLayer of(SideLayer layer) {
        return layer instanceof SideLayer.Quantized(ExpertWeights weight, Optional<Quantizer> quantizer)
                ? new SideLayer.Quantized(ExpertStack.of(weight), quantizer)
                : layer;
    }

    /** One of the matrices of a block of here. */
    static ExpertMatrix matrix(ExpertWeights weights) {
        return (ExpertMatrix) weights;
    }
}
