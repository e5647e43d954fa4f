package org.quantado.models.calibrate;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;

import org.quantado.kernels.hessian.Hessian;
import org.quantado.kernels.hessian.HessianSum;
import org.quantado.models.decoder.DecoderLayers;
import org.quantado.models.decoder.LayerRun;
import org.quantado.models.decoder.TapPoint;
import org.quantado.schemes.gptq.Gptq;
import org.quantado.schemes.model.Model;
import org.quantado.schemes.quantize.FinishedLayers;
import org.quantado.schemes.quantize.PlannedInput;
import org.quantado.schemes.quantize.PlannedLayer;
import org.quantado.schemes.smooth.Awq;

/**
 * What a process needs to run samples through a model layer by layer and to quantize its layers. It has one layer at a time
 * on the device, and keeps what the next task may need of it, too. Its tasks come one after another.
 */
final class CalibrationSite implements AutoCloseable {
    private final PlannedInput input;
    private final Model model;
    private final DecoderLayers layers;
    private final Recipe recipe;
    private final SampleBlocks blocks;
    private final Path folder;
    private final DeviceLayer device;
    private final Map<TapPoint, HessianSum> deviceSums = new HashMap<>();
    private Optional<Taps> latestTaps = Optional.empty();
    private Optional<Weights> latestWeights = Optional.empty();
    private Optional<Rounding> latestRounding = Optional.empty();
    private int summedLayer;

    /** What can be read of a layer. */
    private record Taps(int layer, List<TapPoint> points) {
    }

    /** Weights of a layer that is not finished. */
    private record Weights(LayerVersion version, LayerTensors tensors) {
    }

    /**
     * The Hessian of some inputs of a layer, and GPTQ, which keeps its factor.
     *
     * @param warnings of GPTQ's
     */
    record Rounding(LayerVersion version, int tap, Hessian hessian, Optional<Gptq> gptq, List<String> warnings) {
        /** What GPTQ has warned of since it was asked last. */
        List<String> takeWarnings() {
            List<String> taken = List.copyOf(warnings);
            warnings.clear();
            return taken;
        }
    }

    /** Reads samples, one after another. */
    @FunctionalInterface
    interface SampleReader {
        /** A sample begins, by its number: its reader. */
        LayerRun.Reader begin(int sample);

        /** The sample is complete. */
        default void end() {
            // it is all the same to most
        }
    }

    /** @param folder where the calibrator works */
    CalibrationSite(PlannedInput input, Recipe recipe, SampleBlocks blocks, Path folder) {
        this.input = input;
        this.model = Model.open(input.checkpoint().path());
        this.layers = DecoderLayers.of(model);
        this.recipe = recipe;
        this.blocks = blocks;
        this.folder = folder;
        this.device = new DeviceLayer(input, model.config(), layers, blocks.longest());
    }

    PlannedInput input() {
        return input;
    }

    DecoderLayers layers() {
        return layers;
    }

    Recipe recipe() {
        return recipe;
    }

    SampleBlocks blocks() {
        return blocks;
    }

    /** The file of a block's states before a layer. */
    Path states(int layer, int block) {
        return folder.resolve(BlockStates.name(layer, block));
    }

    /** The folder of all that is of use for one layer only. */
    Path made() {
        return folder.resolve("made");
    }

    /** A name that nobody else writes to. */
    static String newName(String suffix) {
        return UUID.randomUUID() + suffix;
    }

    /** All that can be read of a layer. */
    List<TapPoint> taps(int layer) {
        if (latestTaps.filter(some -> some.layer == layer).isEmpty()) {
            latestTaps = Optional.of(new Taps(layer, layers.taps(layer)));
        }
        return latestTaps.get().points;
    }

    /** What is scaled in a layer. */
    List<Smoothing> smoothings(int layer) {
        return Smoothing.of(recipe, layers, layer, taps(layer), input.layers().keySet());
    }

    /** What of a layer has to be known. */
    LayerObservation observation(int layer) {
        return new LayerObservation(input, recipe, taps(layer));
    }

    /** Weights of a layer that is not finished. They are not changed. */
    LayerTensors tensors(LayerVersion version) {
        LayerVersion kept = version.kept();
        if (latestWeights.filter(some -> some.version.equals(kept)).isEmpty()) {
            LayerTensors tensors = new LayerTensors(input);
            List<Smoothing> smoothings = smoothings(version.layer());
            for (int i = 0; i < version.scales().size(); i++) {
                tensors.smooth(smoothings.get(i), version.scales().get(i).values(),
                        layers.spec().norm().weightOffset());
            }
            latestWeights = Optional.of(new Weights(kept, tensors));
        }
        LayerTensors tensors = latestWeights.get().tensors;
        return version.tried() == null ? tensors : trying(version, tensors.copy());
    }

    private LayerTensors trying(LayerVersion version, LayerTensors tensors) {
        Smoothing next = smoothings(version.layer()).get(version.scales().size());
        Awq.quantized(tensors.balanced(next), version.tried().values()).forEach(
                weight -> tensors.change(PlannedLayer.weightOf(weight.name()), weight.values()));
        return tensors;
    }

    /**
     * Runs the samples of a block through a layer.
     *
     * @param wanted what is read
     * @param after written: the states after the layer; if there is none, they are of no use
     */
    void run(LayerVersion version, Set<TapPoint> wanted, int block, Optional<BlockStates> after, SampleReader reader)
            throws IOException {
        LayerRun run = bring(version, wanted);
        MemorySegment ignored = after.isPresent()
                ? MemorySegment.NULL
                : MemorySegment.ofArray(new float[Math.multiplyExact(blocks.longest(), blocks.hidden())]);
        try (BlockStates before = BlockStates.open(states(version.layer(), block), blocks, block)) {
            blocks.samples(block).forEach(sample -> {
                run.run(before.of(sample), after.map(states -> states.of(sample)).orElse(ignored),
                        blocks.length(sample), reader.begin(sample));
                reader.end();
            });
        }
    }

    private LayerRun bring(LayerVersion version, Set<TapPoint> wanted) {
        return device.find(version, wanted).orElseGet(() -> {
            latestRounding = Optional.empty();
            return version.isFinished()
                    ? device.open(version, wanted, FinishedLayers.file(folder, version.layer()))
                    : device.open(version, wanted, tensors(version).checkpoint());
        });
    }

    /**
     * The Hessian of inputs of a layer, as long as it is the same that is asked for.
     *
     * @param squares where it is
     */
    Rounding rounding(LayerVersion version, int tap, SquareFiles squares) {
        if (latestRounding.filter(some -> some.tap == tap && some.version.equals(version)).isEmpty()) {
            latestRounding = Optional.empty();
            Hessian hessian = squares.hessian(made(), tap, blocks.samples());
            List<String> warnings = new ArrayList<>();
            latestRounding = Optional.of(new Rounding(version, tap, hessian,
                    recipe.gptq().map(options -> new Gptq(options, warnings::add)), warnings));
        }
        return latestRounding.get();
    }

    /** Where squares of the inputs of a layer are added up on the device. */
    Map<TapPoint, HessianSum> deviceSums(int layer) {
        if (layer != summedLayer) {
            endSums();
            summedLayer = layer;
        }
        return deviceSums;
    }

    /** Leaves the device to others, and forgets what was added up there. */
    void endSums() {
        device.close();
        deviceSums.values().forEach(HessianSum::close);
        deviceSums.clear();
    }

    @Override
    public void close() {
        endSums();
        model.close();
        input.close();
    }
}
