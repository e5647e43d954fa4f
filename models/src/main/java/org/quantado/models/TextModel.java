package org.quantado.models;

import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

import org.quantado.models.decoder.Session;
import org.quantado.models.generate.Answer;
import org.quantado.models.generate.BatchGenerator;
import org.quantado.models.generate.Conversation;
import org.quantado.models.generate.GenerationDefaults;
import org.quantado.models.generate.GenerationRequest;
import org.quantado.models.generate.Generator;
import org.quantado.models.generate.Listener;
import org.quantado.models.generate.Sampling;
import org.quantado.models.generate.SessionSequence;
import org.quantado.models.text.ChatMessage;
import org.quantado.models.text.ChatTemplate;
import org.quantado.models.text.Tokenizer;
import org.quantado.schemes.checkpoint.Checkpoint;
import org.quantado.schemes.checkpoint.CheckpointException;

/** A language model on the device, with its tokenizer: text goes in, and text comes out. Not thread-safe. */
public final class TextModel implements AutoCloseable {
    private final Path folder;
    private final Tokenizer tokenizer;
    private final GenerationDefaults defaults;
    private final LanguageModel model;
    private final Session session;

    private TextModel(Path folder, Tokenizer tokenizer, ModelOptions options, int sequences) {
        this.folder = folder;
        this.tokenizer = tokenizer;
        this.defaults = GenerationDefaults.read(folder);
        this.model = LanguageModel.open(folder, options);
        tokenizer.requireFits(model.spec().vocabulary());
        this.session = model.session(sequences);
    }

    /**
     * Opens a folder as Hugging Face lays it out, and brings its weights to the device.
     *
     * @param model a folder, or the id of a model in Hugging Face's cache, {@code org/name} or {@code org/name@revision}
     * @throws CheckpointException if a file is missing or wrong, or the model is not described
     * @throws org.quantado.schemes.linear.SchemeException if no kernel runs its weights
     * @throws org.quantado.kernels.engine.DeviceException if the device has no room
     */
    public static TextModel open(Path model) {
        return open(model, ModelOptions.USUAL);
    }

    /** As {@link #open(Path)}. */
    public static TextModel open(Path model, ModelOptions options) {
        return open(model, options, 1);
    }

    /**
     * As {@link #open(Path)}.
     *
     * @param sequences for which there is room at a time
     */
    public static TextModel open(Path model, ModelOptions options, int sequences) {
        Path folder = Checkpoint.locate(model);
        Tokenizer tokenizer = Tokenizer.open(folder);
        try {
            return new TextModel(folder, tokenizer, options, sequences);
        } catch (RuntimeException | Error e) {
            tokenizer.close();
            throw e;
        }
    }

    /**
     * Goes on with a text, until the model ends it or the context is full.
     *
     * @param listener told of each piece of the answer
     */
    public Answer generate(String prompt, Sampling sampling, Listener listener) {
        return generate(prompt, new GenerationRequest(sampling, Integer.MAX_VALUE, stopIds(), List.of()), listener);
    }

    /** Goes on with a text. */
    public Answer generate(String prompt, GenerationRequest request, Listener listener) {
        try (SessionSequence sequence = sequence()) {
            return Generator.answer(sequence, tokenizer, tokenizer.encodeWithSpecialTokens(prompt), request, listener);
        }
    }

    /** Goes on with many texts, as many at a time as there is room for. */
    public void generateAll(List<BatchGenerator.Prompt> prompts, BatchGenerator.Receiver receiver) {
        BatchGenerator.answer(session, tokenizer, prompts, receiver);
    }

    /**
     * Begins a conversation.
     *
     * @param beginning messages before the first question, such as the system's
     * @throws CheckpointException if the model has no chat template, or one that is not understood
     */
    public Conversation conversation(List<ChatMessage> beginning) {
        ChatTemplate template = ChatTemplate.find(folder).orElseThrow(() -> new CheckpointException(folder.toString(),
                "no chat template", "a model that was made for conversations"));
        return new Conversation(sequence(), tokenizer, template, beginning);
    }

    /**
     * Begins a sequence of ids. There is room for as many as the model was opened for, those of conversations included.
     *
     * @throws org.quantado.models.decoder.InputException if there are so many
     */
    public SessionSequence sequence() {
        return new SessionSequence(session);
    }

    /** Ids that end an answer, as the model's files have it. */
    public Set<Integer> stopIds() {
        Set<Integer> ids = new HashSet<>(defaults.stopIds());
        tokenizer.eos().ifPresent(ids::add);
        return ids;
    }

    /** How the model's files would have answers sampled. */
    public Sampling sampling() {
        return defaults.sampling();
    }

    /** Text to ids and back. */
    public Tokenizer tokenizer() {
        return tokenizer;
    }

    /** The model without text. */
    public LanguageModel model() {
        return model;
    }

    /** Frees the device's memory. */
    @Override
    public void close() {
        session.close();
        tokenizer.close();
    }
}
