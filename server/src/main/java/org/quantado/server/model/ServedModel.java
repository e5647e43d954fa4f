package org.quantado.server.model;

import java.nio.file.Path;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;

import org.quantado.models.LanguageModel;
import org.quantado.models.ModelOptions;
import org.quantado.models.constrain.TokenTexts;
import org.quantado.models.decoder.Session;
import org.quantado.models.generate.GenerationDefaults;
import org.quantado.models.generate.Sampling;
import org.quantado.models.text.ChatTemplate;
import org.quantado.models.text.Tokenizer;

/** A model on the device, for several sequences at a time. All but its session may be used by several threads. */
public final class ServedModel implements AutoCloseable {
    private final String id;
    private final Tokenizer tokenizer;
    private final GenerationDefaults defaults;
    private final Optional<ChatTemplate> template;
    private final LanguageModel model;
    private final Session session;
    private final int sequences;
    private TokenTexts texts;

    private ServedModel(Path folder, String id, Tokenizer tokenizer, ModelOptions options, int sequences) {
        this.id = id;
        this.tokenizer = tokenizer;
        this.sequences = sequences;
        this.defaults = GenerationDefaults.read(folder);
        this.template = ChatTemplate.find(folder);
        this.model = LanguageModel.open(folder, options);
        tokenizer.requireFits(model.spec().vocabulary());
        this.session = model.session(sequences);
    }

    /**
     * Opens a folder as Hugging Face lays it out, and brings its weights to the device.
     *
     * @param id what clients call it
     * @param sequences at a time
     * @throws org.quantado.schemes.checkpoint.CheckpointException if a file is missing or wrong, or the model is not described
     * @throws org.quantado.schemes.linear.SchemeException if no kernel runs its weights
     * @throws org.quantado.kernels.engine.DeviceException if the device has no room
     */
    public static ServedModel open(Path folder, String id, ModelOptions options, int sequences) {
        Tokenizer tokenizer = Tokenizer.open(folder);
        try {
            return new ServedModel(folder, id, tokenizer, options, sequences);
        } catch (RuntimeException | Error e) {
            tokenizer.close();
            throw e;
        }
    }

    /** What clients call it. */
    public String id() {
        return id;
    }

    /** Text to ids and back. */
    public Tokenizer tokenizer() {
        return tokenizer;
    }

    /** How it is told a conversation, if it was made for that. */
    public Optional<ChatTemplate> template() {
        return template;
    }

    /** How the model's files would have answers sampled. */
    public Sampling sampling() {
        return defaults.sampling();
    }

    /** Ids that end an answer, as the model's files have it. */
    public Set<Integer> stopIds() {
        Set<Integer> ids = new HashSet<>(defaults.stopIds());
        tokenizer.eos().ifPresent(ids::add);
        return ids;
    }

    /** What each id adds to a text; worked out when it is asked for first. */
    public synchronized TokenTexts texts() {
        if (texts == null) {
            texts = TokenTexts.of(tokenizer);
        }
        return texts;
    }

    /** Ids that the model knows. */
    public int vocabulary() {
        return model.spec().vocabulary();
    }

    /** Most ids of a prompt and its answer. */
    public int context() {
        return model.context();
    }

    /** Bytes of weights, and of the cache of all sequences. */
    public long bytes() {
        return model.weightBytes() + model.cacheBytes(sequences);
    }

    /** Sequences that it has room for. */
    public int sequences() {
        return sequences;
    }

    /** The sequences on the device; for one user. */
    public Session session() {
        return session;
    }

    /** Frees the device's memory. */
    @Override
    public void close() {
        session.close();
        tokenizer.close();
    }
}
