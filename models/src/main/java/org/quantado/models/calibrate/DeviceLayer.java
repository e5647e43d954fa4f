package org.quantado.models.calibrate;

import java.nio.file.Path;
import java.util.Optional;
import java.util.Set;

import org.quantado.models.decoder.DecoderLayers;
import org.quantado.models.decoder.LayerRun;
import org.quantado.models.decoder.TapPoint;
import org.quantado.schemes.checkpoint.Checkpoint;
import org.quantado.schemes.checkpoint.SafetensorsFile;
import org.quantado.schemes.config.ModelConfig;
import org.quantado.schemes.model.Model;
import org.quantado.schemes.quantize.PlannedInput;

/** The one layer that is on the device. Graphs are built again only if need be. Not thread-safe. */
final class DeviceLayer implements AutoCloseable {
    private final PlannedInput input;
    private final ModelConfig config;
    private final DecoderLayers layers;
    private final int positions;
    private Optional<Running> running = Optional.empty();

    /**
     * A layer on the device.
     *
     * @param file that its weights are read from, beside the input
     */
    private record Running(LayerVersion version, Set<TapPoint> wanted, LayerRun run, Optional<SafetensorsFile> file) {
        boolean hasGraphsOf(LayerVersion other, Set<TapPoint> others) {
            return !version.isFinished() && version.layer() == other.layer() && wanted.equals(others);
        }

        void end() {
            run.close();
            file.ifPresent(SafetensorsFile::close);
        }
    }

    /**
     * @param config of the model, unquantized
     * @param positions of the longest sample
     */
    DeviceLayer(PlannedInput input, ModelConfig config, DecoderLayers layers, int positions) {
        this.input = input;
        this.config = config;
        this.layers = layers;
        this.positions = positions;
    }

    /**
     * The layer, if it is on the device.
     *
     * @param wanted what of it is read
     */
    Optional<LayerRun> find(LayerVersion version, Set<TapPoint> wanted) {
        return running.filter(some -> some.version.equals(version) && some.wanted.equals(wanted)).map(Running::run);
    }

    /** Brings a layer to the device that is not finished, from the input with its tensors. */
    LayerRun open(LayerVersion version, Set<TapPoint> wanted, Checkpoint tensors) {
        DecoderLayers others = layers.with(Model.of(tensors, config));
        if (!replace(version, wanted, others)) {
            close();
            running = Optional.of(new Running(version, wanted,
                    others.open(version.layer(), positions, wanted::contains), Optional.empty()));
        }
        return running.orElseThrow().run;
    }

    /** Gives the layer on the device other weights, if its graphs can be kept. */
    private boolean replace(LayerVersion version, Set<TapPoint> wanted, DecoderLayers others) {
        if (running.filter(some -> some.hasGraphsOf(version, wanted)).isEmpty()) {
            return false;
        }
        Running earlier = running.get();
        running = Optional.empty();
        try {
            if (others.replace(earlier.run, version.layer())) {
                running = Optional.of(new Running(version, wanted, earlier.run, Optional.empty()));
            }
            return running.isPresent();
        } finally {
            if (running.isEmpty()) {
                earlier.end();
            }
        }
    }

    /** Brings a layer to the device that is finished, from its file. */
    LayerRun open(LayerVersion version, Set<TapPoint> wanted, Path finished) {
        close();
        SafetensorsFile file = SafetensorsFile.open(finished);
        try {
            Model quantized = Model.of(
                    input.withFinished(file.tensors().stream().map(info -> file.tensor(info.name())).toList()),
                    config.withQuantization(input.config()));
            running = Optional.of(new Running(version, wanted, layers.with(quantized).open(version.layer(), positions,
                    wanted::contains), Optional.of(file)));
            return running.get().run;
        } catch (RuntimeException e) {
            file.close();
            throw e;
        }
    }

    /** Leaves the device to others. */
    @Override
    public void close() {
        running.ifPresent(Running::end);
        running = Optional.empty();
    }
}
