package org.quantado.moe;

import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.IntStream;

import org.quantado.kernels.experts.ExpertMlp;
import org.quantado.kernels.experts.MoeBlock;
import org.quantado.kernels.experts.Router;
import org.quantado.kernels.experts.SharedExperts;
import org.quantado.kernels.experts.SideLayer;
import org.quantado.kernels.graph.LayerNumber;
import org.quantado.kernels.quantize.LayerQuantizer;
import org.quantado.kernels.quantize.Quantizer;
import org.quantado.schemes.linear.Activations;
import org.quantado.schemes.linear.AssembledWeights;
import org.quantado.schemes.linear.LinearScheme;
import org.quantado.schemes.linear.LoadedParameters;
import org.quantado.schemes.linear.SchemeException;

import uk.ac.manchester.tornado.api.types.arrays.FloatArray;

/**
 * From loaded parameters of blocks that are alike to one block as the kernels see it.
 *
 * @param blocks of each layer, in order
 * @param calibration whose of the experts' calibrations hold
 * @param layer which of them is run
 */
record MoeAssembly(MoeMethod method, List<LoadedMoe> blocks, Activations activations, ExpertCalibration calibration,
        LayerNumber layer) {
    MoeBlock block() {
        MoeSpec spec = blocks.getFirst().spec();
        return new MoeBlock(
                mlp(method.experts(), LoadedMoe::gateUp, LoadedMoe::down, spec.localExperts()),
                spec.parallel().placement().map(spec.experts(), spec.parallel().expertRank(),
                        spec.parallel().expertSize()),
                new Router(spec.router(), sides(block -> block.router().layer()),
                        floats(blocks.stream().map(block -> block.router().scoreBias()).toList())),
                method.weightedInput(spec),
                blocks.getFirst().shared().map(shared -> new SharedExperts(
                        mlp(method.shared(), block -> List.of(block.shared().orElseThrow().gateUp()),
                                block -> List.of(block.shared().orElseThrow().down()), new int[]{0}),
                        sides(block -> block.shared().orElseThrow().gate()))),
                layer);
    }

    private ExpertMlp mlp(LinearScheme scheme, Function<LoadedMoe, List<LoadedParameters>> gateUp,
            Function<LoadedMoe, List<LoadedParameters>> down, int[] experts) {
        return new ExpertMlp(weights(scheme, gateUp, experts), weights(scheme, down, experts),
                blocks.getFirst().spec().activation(), quantizer(scheme, gateUp), quantizer(scheme, down));
    }

    private AssembledWeights weights(LinearScheme scheme, Function<LoadedMoe, List<LoadedParameters>> matrix,
            int[] experts) {
        return new AssembledWeights(scheme, blocks.stream().map(matrix)
                .flatMap(ofAll -> Arrays.stream(experts).mapToObj(ofAll::get)).toList());
    }

    private Optional<Quantizer> quantizer(LinearScheme scheme, Function<LoadedMoe, List<LoadedParameters>> matrix) {
        List<List<Optional<Quantizer>>> each = blocks.stream().map(matrix)
                .map(experts -> experts.stream().map(expert -> scheme.inputQuantizer(expert, activations)).toList())
                .toList();
        return Optional.of(each).filter(all -> calibration == ExpertCalibration.OWN)
                .flatMap(CommonQuantizer::ownDivisors).or(() -> ofLayers(IntStream.range(0, each.size())
                        .mapToObj(i -> CommonQuantizer.of(each.get(i), blocks.get(i).spec().layerName())).toList()));
    }

    private Optional<Quantizer> ofLayers(List<Optional<Quantizer>> each) {
        List<Quantizer> present = each.stream().flatMap(Optional::stream).toList();
        if (present.isEmpty()) {
            return Optional.empty();
        }
        return Optional.of(Optional.of(present).filter(all -> all.size() == each.size())
                .flatMap(all -> LayerQuantizer.of(all, layer))
                .orElseThrow(() -> new SchemeException("layers '" + blocks.getFirst().spec().layerName() + "' to '"
                        + blocks.getLast().spec().layerName() + "' quantize their inputs in different ways")));
    }

    private Optional<SideLayer> sides(Function<LoadedMoe, Optional<LoadedSide>> side) {
        List<LoadedSide> each = blocks.stream().map(side).flatMap(Optional::stream).toList();
        if (each.isEmpty()) {
            return Optional.empty();
        }
        if (each.size() < blocks.size()
                || each.stream().anyMatch(some -> some.getClass() != each.getFirst().getClass())) {
            throw new IllegalArgumentException("blocks that are not alike");
        }
        return Optional.of(switch (each.getFirst()) {
            case LoadedSide.Floats first -> new SideLayer.Floats(
                    joined(each.stream().map(some -> ((LoadedSide.Floats) some).weight()).toList()),
                    joined(each.stream().map(some -> ((LoadedSide.Floats) some).bias()).toList()));
            case LoadedSide.Quantized first -> new SideLayer.Quantized(new AssembledWeights(first.scheme(),
                    each.stream().map(some -> ((LoadedSide.Quantized) some).parameters()).toList()),
                    ofLayers(each.stream().map(some -> (LoadedSide.Quantized) some)
                            .map(some -> some.scheme().inputQuantizer(some.parameters(), activations)).toList()));
        });
    }

    private static Optional<FloatArray> floats(List<Optional<FloatArray>> each) {
        List<FloatArray> present = each.stream().flatMap(Optional::stream).toList();
        return present.isEmpty() ? Optional.empty() : Optional.of(joined(present));
    }

    /** One after another. */
    private static FloatArray joined(List<FloatArray> each) {
        if (each.size() == 1) {
            return each.getFirst();
        }
        FloatArray all = new FloatArray(each.stream().mapToInt(FloatArray::getSize).reduce(0, Math::addExact));
        long offset = 0;
        for (FloatArray one : each) {
            long bytes = one.getSize() * (long) Float.BYTES;
            MemorySegment.copy(one.getSegment(), 0, all.getSegment(), offset, bytes);
            offset += bytes;
        }
        return all;
    }
}
