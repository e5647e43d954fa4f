package org.quantado.models.calibrate;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.zip.CRC32C;

import org.quantado.models.decoder.DecoderLayers;
import org.quantado.schemes.checkpoint.CheckpointException;
import org.quantado.schemes.cluster.Place;
import org.quantado.schemes.config.ConfigGroup;
import org.quantado.schemes.model.Model;
import org.quantado.schemes.quantize.ActivationScales;
import org.quantado.schemes.quantize.CalibrationWork;
import org.quantado.schemes.quantize.Calibrator;
import org.quantado.schemes.quantize.QuantizeException;

/**
 * Runs samples through a model layer by layer, and quantizes each layer by what goes through it: the next one sees what
 * the quantized layer gives. All experts see all tokens.
 *
 * <p>It takes the memory of one layer and the Hessians of its inputs; the samples' states are in files. The processes of a
 * cluster share samples and weights, and give the bytes that one gives alone. After an interruption it goes on with the layer
 * that was interrupted, and gives the same bytes.
 */
public final class LayerCalibrator implements Calibrator {
    private final String name;
    private final List<int[]> samples;
    private final int hidden;
    private final Recipe recipe;
    private final List<String> attentions;
    private final CalibrationProgress progress;

    private LayerCalibrator(String name, List<int[]> samples, int hidden, Recipe recipe,
            List<String> attentions, CalibrationProgress progress) {
        this.name = name;
        this.samples = List.copyOf(samples);
        this.hidden = hidden;
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
            return new LayerCalibrator(name, samples, layers.spec().hidden(), recipe, attentions, progress);
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
        settings.put("device", CalibrationPlace.deviceHere());
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
        SampleBlocks blocks = SampleBlocks.of(samples, hidden);
        Place<CalibrationSite> place = new CalibrationPlace(work.place(), recipe.sent(), blocks,
                work.finished().folder().toString(), CalibrationPlace.deviceHere());
        try (CalibrationSite site = place.open()) {
            requireObservable(work, site);
            if (needsRunning(work)) {
                new CalibrationRun(work, site, place, samples, progress).run();
            }
        }
    }

    /** Weights that are only rounded to nearest have no need of samples. */
    private boolean needsRunning(CalibrationWork work) {
        return !recipe.isToNearest()
                || work.input().layers().values().stream()
                        .anyMatch(layer -> ActivationScales.areNeededFor(layer.group()));
    }

    /** What no decoder layer has cannot be observed, and what has no mapping cannot be smoothed. */
    private static void requireObservable(CalibrationWork work, CalibrationSite site) {
        Set<String> observed = new HashSet<>();
        for (int layer = 0; layer < site.layers().count(); layer++) {
            site.smoothings(layer);
            site.taps(layer).forEach(point -> observed.addAll(point.modules()));
        }
        work.input().layers().values().stream().filter(layer -> !observed.contains(layer.name())).forEach(layer -> {
            if (ActivationScales.areNeededFor(layer.group())) {
                throw new QuantizeException("layer " + layer.name() + " is in no decoder layer, so that its activations"
                        + " are not observed, and has static scales: leave it alone by --ignore");
            }
            work.warn("layer " + layer.name() + " is in no decoder layer: its weight is rounded to nearest");
        });
    }
}
