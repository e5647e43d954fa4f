package org.quantado.models;

import java.nio.file.Path;

import org.quantado.kernels.attention.KvFormat;
import org.quantado.models.decoder.DecoderOutline;
import org.quantado.models.decoder.DecoderWeights;
import org.quantado.models.decoder.Loading;
import org.quantado.models.decoder.Session;
import org.quantado.models.family.DecoderSpec;
import org.quantado.schemes.model.Model;

/**
 * A language model that is ready to run: its weights are in the kernels' layout. Sessions bring them to the device. The
 * sessions of one model are for one thread at a time.
 */
public final class LanguageModel {
    private final DecoderWeights weights;
    private final KvFormat cache;

    private LanguageModel(DecoderWeights weights, KvFormat cache) {
        this.weights = weights;
        this.cache = cache;
    }

    /**
     * Opens a folder as Hugging Face lays it out.
     *
     * @param folder this, or the id of a model in Hugging Face's cache, {@code org/name} or {@code org/name@revision}
     * @throws org.quantado.schemes.checkpoint.CheckpointException if a file is missing or wrong, the model is not
     *     described, or a tensor has no use
     * @throws org.quantado.schemes.linear.SchemeException if no kernel runs its weights
     */
    public static LanguageModel open(Path folder) {
        return open(folder, ModelOptions.USUAL);
    }

    /**
     * As {@link #open(Path)}.
     *
     * @throws org.quantado.models.decoder.InputException if the model does not allow a context that long
     * @throws org.quantado.kernels.engine.DeviceException in a sentence, if the device has no room for weights and cache
     */
    public static LanguageModel open(Path folder, ModelOptions options) {
        try (Model model = Model.open(folder)) {
            DecoderOutline outline = DecoderOutline.of(model, new Loading(options.activations(), options.online()));
            KvFormat cache = options.cache().orElse(outline.cacheFormat().orElse(KvFormat.F32));
            return new LanguageModel(DecoderWeights.load(outline,
                    outline.positions(options.context(), ModelOptions.USUAL_CONTEXT), cache, options.progress()),
                    cache);
        }
    }

    /**
     * The longest context that a model would have, which is not opened.
     *
     * @throws org.quantado.models.decoder.InputException if the model does not allow a context that long
     */
    public static int context(Path folder, ModelOptions options) {
        try (Model model = Model.open(folder)) {
            return DecoderOutline.of(model, new Loading(options.activations(), options.online()))
                    .positions(options.context(), ModelOptions.USUAL_CONTEXT);
        }
    }

    /** What the model is. */
    public DecoderSpec spec() {
        return weights.spec();
    }

    /** The longest context that sessions have, in positions. */
    public int context() {
        return weights.positions();
    }

    /** Bytes of all weights in the kernels' layout. */
    public long weightBytes() {
        return weights.bytes();
    }

    /** Bytes of the cache of so many sequences. */
    public long cacheBytes(int sequences) {
        return weights.cacheBytes(sequences, cache);
    }

    /**
     * Brings the weights to the device, beside room for the cache of some sequences.
     *
     * @param sequences at a time
     * @throws org.quantado.kernels.engine.DeviceException in a sentence, if there is no room for them
     */
    public Session session(int sequences) {
        return new Session(weights, sequences, cache, false);
    }

    /** As {@link #session}, for reading the states of all layers, too. */
    public Session observedSession(int sequences) {
        return new Session(weights, sequences, cache, true);
    }
}
