package org.quantado.models.calibrate;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.zip.CRC32C;

import org.quantado.kernels.engine.Engine;
import org.quantado.models.decoder.DecoderLayers;
import org.quantado.models.decoder.LayerRun;
import org.quantado.models.decoder.TapPoint;
import org.quantado.schemes.checkpoint.CheckpointException;
import org.quantado.schemes.config.ConfigGroup;
import org.quantado.schemes.model.Model;
import org.quantado.schemes.quantize.ActivationScales;
import org.quantado.schemes.quantize.CalibrationWork;
import org.quantado.schemes.quantize.Calibrator;
import org.quantado.schemes.quantize.PlannedLayer;
import org.quantado.schemes.quantize.QuantizeException;

/**
 * Runs samples through a model layer by layer, and quantizes each layer by what goes through it: the next one sees what
 * the quantized layer gives. All experts see all tokens.
 *
 * <p>It takes the memory of one layer and the Hessians of its inputs; the samples' states are in a file. After an
 * interruption it goes on with the layer that was interrupted, and gives the same bytes.
 */
public final class LayerCalibrator implements Calibrator {
    private final String name;
    private final List<int[]> samples;
    private final int positions;
    private final Recipe recipe;
    private final List<String> attentions;
    private final CalibrationProgress progress;

    private LayerCalibrator(String name, List<int[]> samples, Recipe recipe, List<String> attentions,
            CalibrationProgress progress) {
        this.name = name;
        this.samples = List.copyOf(samples);
        this.positions = samples.stream().mapToInt(ids -> ids.length).max().orElse(0);
        this.recipe = recipe;
        this.attentions = List.copyOf(attentions);
        this.progress = progress;
    }

    /**
     * For a model.
     *
     * @param folder of the model
     * @param name what the samples are from, in a few words
     * @param samples ids of each, at least one
     * @throws CheckpointException if the model is not described, or a sample is longer than it allows
     */
    public static LayerCalibrator of(Path folder, String name, List<int[]> samples, Recipe recipe,
            CalibrationProgress progress) {
        try (Model model = Model.open(folder)) {
            DecoderLayers layers = DecoderLayers.of(model);
            int longest = samples.stream().mapToInt(ids -> ids.length).max().orElse(0);
            if (longest > layers.spec().positions()) {
                throw new CheckpointException(name, "samples of " + longest + " tokens", "at most "
                        + layers.spec().positions() + ", as the model allows");
            }
            List<String> attentions = new ArrayList<>();
            for (int layer = 0; recipe.fp8Cache() && layer < layers.count(); layer++) {
                attentions.add(layers.attention(layer));
            }
            return new LayerCalibrator(name, samples, recipe, attentions, progress);
        }
    }

    @Override
    public String name() {
        return name;
    }

    /** Sums in floating point may differ from device to device. */
    @Override
    public ObjectNode settings() {
        ObjectNode settings = JsonNodeFactory.instance.objectNode();
        CRC32C ids = new CRC32C();
        samples.forEach(sample -> {
            ByteBuffer bytes = ByteBuffer.allocate((sample.length + 1) * Integer.BYTES);
            bytes.putInt(sample.length).asIntBuffer().put(sample);
            ids.update(bytes.rewind());
        });
        settings.put("samples", samples.size() + ", checksum " + ids.getValue());
        settings.put("device", Engine.device().getDeviceName());
        settings.set("recipe", recipe.settings());
        return settings;
    }

    @Override
    public ConfigGroup applyTo(ConfigGroup group) {
        return recipe.applyTo(group);
    }

    @Override
    public List<String> cachedAttentions() {
        return attentions;
    }

    @Override
    public void run(CalibrationWork work) throws IOException {
        try (Model model = Model.open(work.checkpoint().path())) {
            DecoderLayers layers = DecoderLayers.of(model);
            requireObservable(work, layers);
            if (!needsRunning(work)) {
                return;
            }
            int first = work.finished().count();
            goOn(work, model, layers);
            for (int layer = first; layer < layers.count(); layer++) {
                progress.begin(layer, layers.count(), runsFrom(layer, work, layers) * samples.size());
                quantize(work, model, layers, layer);
                if (layer + 1 < layers.count()) {
                    advance(work, model, layers, layer);
                }
            }
        }
    }

    /** How often samples run through a layer, of all layers from one on. */
    private long runsFrom(int first, CalibrationWork work, DecoderLayers layers) {
        Map<String, PlannedLayer> planned = work.layers();
        long runs = layers.count() - 1L - first;
        try (LayerObservation observation = new LayerObservation(work, recipe, planned)) {
            for (int layer = first; layer < layers.count(); layer++) {
                List<TapPoint> taps = layers.taps(layer);
                runs += LayerSmoothing.runs(recipe, LayerSmoothing.smoothings(recipe, layers, layer, taps, planned))
                        + (taps.stream().anyMatch(observation::wants) ? 1 : 0);
            }
        }
        return runs;
    }

    /** Weights that are only rounded to nearest have no need of samples. */
    private boolean needsRunning(CalibrationWork work) {
        return !recipe.isToNearest()
                || work.layers().values().stream().anyMatch(layer -> ActivationScales.areNeededFor(layer.group()));
    }

    /** What no decoder layer has cannot be observed, and what has no mapping cannot be smoothed. */
    private void requireObservable(CalibrationWork work, DecoderLayers layers) {
        Set<String> observed = new HashSet<>();
        for (int layer = 0; layer < layers.count(); layer++) {
            List<TapPoint> taps = layers.taps(layer);
            LayerSmoothing.smoothings(recipe, layers, layer, taps, work.layers());
            for (TapPoint point : taps) {
                observed.addAll(point.modules());
            }
        }
        work.layers().values().stream().filter(layer -> !observed.contains(layer.name())).forEach(layer -> {
            if (ActivationScales.areNeededFor(layer.group())) {
                throw new QuantizeException("layer " + layer.name() + " is in no decoder layer, so that its activations"
                        + " are not observed, and has static scales: leave it alone by --ignore");
            }
            work.warn("layer " + layer.name() + " is in no decoder layer: its weight is rounded to nearest");
        });
    }

    /** Brings the states of all samples before the next layer, from wherever an earlier attempt has left them. */
    private void goOn(CalibrationWork work, Model model, DecoderLayers layers) throws IOException {
        int next = work.finished().count();
        int layer = Math.min(next, layers.count() - 1);
        while (layer > 0 && !HiddenStates.areBefore(layer, work.finished().folder())) {
            layer--;
        }
        if (layer == 0 && !HiddenStates.areBefore(0, work.finished().folder())) {
            HiddenStates.make(0, work.finished().folder(), samples, layers.spec().hidden(), states -> {
                for (int sample = 0; sample < samples.size(); sample++) {
                    layers.embed(samples.get(sample), states.of(sample));
                }
            });
        }
        for (; layer < next && layer + 1 < layers.count(); layer++) {
            advance(work, model, layers, layer);
        }
    }

    private HiddenStates before(int layer, CalibrationWork work, DecoderLayers layers) throws IOException {
        return HiddenStates.before(layer, work.finished().folder(), samples, layers.spec().hidden());
    }

    private void quantize(CalibrationWork work, Model model, DecoderLayers layers, int layer) throws IOException {
        Map<String, PlannedLayer> planned = work.layers();
        LayerTensors tensors = new LayerTensors(work);
        List<TapPoint> taps = layers.taps(layer);
        try (HiddenStates states = before(layer, work, layers);
                LayerObservation observation = new LayerObservation(work, recipe, planned)) {
            SampleRuns runs = new SampleRuns(layers, model.config(), layer, states, progress);
            try (LayerSmoothing smoothing = new LayerSmoothing(work, recipe, planned, tensors, runs, layers, layer,
                    taps)) {
                smoothing.run();
            }
            if (taps.stream().anyMatch(observation::wants)) {
                runs.run(tensors.checkpoint(), observation::wants, observation::reader);
                observation.endSample();
            }
            LayerQuantization.Finished finished = new LayerQuantization(work, recipe, planned, tensors, observation,
                    samples.size()).run(taps, layers.attention(layer));
            work.finished().add(finished.tensors(), finished.errors());
        }
    }

    /** Runs the samples through a quantized layer. */
    private void advance(CalibrationWork work, Model model, DecoderLayers layers, int layer) throws IOException {
        Model quantized = Model.of(work.withFinished(layer), model.config().withQuantization(work.config()));
        try (HiddenStates states = before(layer, work, layers);
                LayerRun run = layers.with(quantized).open(layer, positions, point -> false)) {
            HiddenStates.make(layer + 1, work.finished().folder(), samples, layers.spec().hidden(), after -> {
                for (int sample = 0; sample < samples.size(); sample++) {
                    run.run(states.of(sample), after.of(sample), states.length(sample),
                            (point, values, count, width) -> {
                            });
                    progress.sample();
                }
            });
        }
    }
}
