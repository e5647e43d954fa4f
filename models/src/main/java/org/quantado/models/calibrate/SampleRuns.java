package org.quantado.models.calibrate;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Predicate;

import org.quantado.models.decoder.DecoderLayers;
import org.quantado.models.decoder.LayerRun;
import org.quantado.models.decoder.TapPoint;
import org.quantado.schemes.checkpoint.Checkpoint;
import org.quantado.schemes.config.ModelConfig;
import org.quantado.schemes.model.Model;

/**
 * Runs all samples through a decoder layer to observe it.
 *
 * @param layers of the model
 * @param config of the model, unquantized
 * @param layer which of them
 * @param states before it
 * @param progress is told of each sample
 */
record SampleRuns(DecoderLayers layers, ModelConfig config, int layer, HiddenStates states,
        CalibrationProgress progress) {
    /** Tells the row of a sample with which a block begins, for each place that is read. */
    static final class Rows {
        private final Map<String, Integer> next = new HashMap<>();

        /** The first row of a block of {@code count}. */
        int next(String name, int count) {
            return next.merge(name, count, Integer::sum) - count;
        }
    }

    /** Reads samples. */
    @FunctionalInterface
    interface SampleReader {
        /** The reader of one of them. */
        LayerRun.Reader of(int sample, Rows rows);
    }

    /** How many samples there are. */
    int count() {
        return states.samples();
    }

    /** Room for what the layer gives for all samples; it goes when it is closed. */
    HiddenStates scratch(Path folder, String name) throws IOException {
        return states.scratch(folder, name);
    }

    /** Runs all samples through the layer with these tensors. */
    void run(Checkpoint tensors, Predicate<TapPoint> wanted, SampleReader reader) {
        try (Repeated once = new Repeated(wanted)) {
            once.run(tensors, reader);
        }
    }

    /** Runs the samples again and again, with other tensors each time: graphs are built for the first. */
    final class Repeated implements AutoCloseable {
        private final Predicate<TapPoint> wanted;
        private final MemorySegment ignored = MemorySegment.ofArray(
                new float[Math.multiplyExact(states.longest(), states.hidden())]);
        private LayerRun run;

        /** @param wanted what is read of the layer */
        Repeated(Predicate<TapPoint> wanted) {
            this.wanted = wanted;
        }

        /** Runs all samples. */
        void run(Checkpoint tensors, SampleReader reader) {
            DecoderLayers some = layers.with(Model.of(tensors, config));
            if (run == null || !some.replace(run, layer)) {
                close();
                run = some.open(layer, states.longest(), wanted);
            }
            for (int sample = 0; sample < states.samples(); sample++) {
                run.run(states.of(sample), ignored, states.length(sample), reader.of(sample, new Rows()));
                progress.sample();
            }
        }

        @Override
        public void close() {
            if (run != null) {
                run.close();
                run = null;
            }
        }
    }
}
