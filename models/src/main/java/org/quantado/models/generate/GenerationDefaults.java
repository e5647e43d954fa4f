package org.quantado.models.generate;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;

import org.quantado.schemes.checkpoint.Checkpoint;
import org.quantado.schemes.checkpoint.CheckpointException;
import org.quantado.schemes.checkpoint.JsonFile;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;

/**
 * What a model's folder says of generation: {@code generation_config.json}, and {@code config.json} where that does not
 * say what ends an answer. It samples only if {@code do_sample} says so; a value that is missing leaves nothing out.
 *
 * @param sampling as the model wants it
 * @param stopIds ids that end an answer
 */
public record GenerationDefaults(Sampling sampling, Set<Integer> stopIds) {
    private static final String FILE = "generation_config.json";
    private static final String EOS = "eos_token_id";
    /** Fields that change an answer in ways that are not known here, and the values with which they do not. */
    private static final Map<String, Double> NOT_KNOWN = Map.ofEntries(Map.entry("num_beams", 1.0),
            Map.entry("num_beam_groups", 1.0), Map.entry("no_repeat_ngram_size", 0.0), Map.entry("typical_p", 1.0),
            Map.entry("epsilon_cutoff", 0.0), Map.entry("eta_cutoff", 0.0), Map.entry("penalty_alpha", 0.0),
            Map.entry("diversity_penalty", 0.0), Map.entry("guidance_scale", 1.0),
            Map.entry("encoder_repetition_penalty", 1.0), Map.entry("bad_words_ids", Double.NaN),
            Map.entry("suppress_tokens", Double.NaN), Map.entry("begin_suppress_tokens", Double.NaN),
            Map.entry("forced_bos_token_id", Double.NaN), Map.entry("forced_eos_token_id", Double.NaN),
            Map.entry("sequence_bias", Double.NaN), Map.entry("exponential_decay_length_penalty", Double.NaN));

    /**
     * Reads what is there.
     *
     * @throws CheckpointException if a field is not what it should be, or changes an answer in a way that is not known
     */
    public static GenerationDefaults read(Path folder) {
        Path file = folder.resolve(FILE);
        Path modelFile = folder.resolve(Checkpoint.CONFIG_FILE_NAME);
        Set<Integer> stopIds = new HashSet<>();
        if (!Files.exists(file)) {
            addStopIdsOfModel(modelFile, stopIds);
            return new GenerationDefaults(Sampling.GREEDY, Set.copyOf(stopIds));
        }
        ObjectNode config = JsonFile.readObject(file);
        NOT_KNOWN.forEach((name, neutral) -> requireNeutral(file, config, name, neutral));
        addStopIds(file, config.path(EOS), stopIds);
        if (stopIds.isEmpty()) {
            addStopIdsOfModel(modelFile, stopIds);
        }
        return new GenerationDefaults(sampling(file, config), Set.copyOf(stopIds));
    }

    private static void requireNeutral(Path file, ObjectNode config, String name, double neutral) {
        JsonNode value = config.path(name);
        boolean isNeutral = value.isMissingNode() || value.isNull()
                || (value.isNumber() && value.doubleValue() == neutral);
        if (!isNeutral) {
            throw new CheckpointException(file, name, CheckpointException.shorten(value.toString()),
                    Double.isNaN(neutral) ? "none" : "none, or " + neutral);
        }
    }

    private static Sampling sampling(Path file, ObjectNode config) {
        double penalty = number(file, config, "repetition_penalty", 1);
        try {
            Sampling greedy = Sampling.GREEDY.withRepetitionPenalty(penalty);
            if (!bool(file, config, "do_sample")) {
                return greedy;
            }
            return new Sampling(number(file, config, "temperature", 1), (int) number(file, config, "top_k", 0),
                    number(file, config, "top_p", 1), number(file, config, "min_p", 0), penalty, OptionalLong.empty());
        } catch (GenerationException e) {
            throw new CheckpointException(file.toString(), e.getMessage(), "values that a model can sample with")
                    .causedBy(e);
        }
    }

    private static double number(Path file, ObjectNode config, String name, double fallback) {
        JsonNode value = config.path(name);
        if (value.isMissingNode() || value.isNull()) {
            return fallback;
        }
        if (!value.isNumber()) {
            throw new CheckpointException(file, name, CheckpointException.shorten(value.toString()), "a number");
        }
        return value.doubleValue();
    }

    private static boolean bool(Path file, ObjectNode config, String name) {
        JsonNode value = config.path(name);
        if (!value.isMissingNode() && !value.isNull() && !value.isBoolean()) {
            throw new CheckpointException(file, name, CheckpointException.shorten(value.toString()), "true or false");
        }
        return value.asBoolean();
    }

    private static void addStopIdsOfModel(Path file, Set<Integer> stopIds) {
        if (Files.exists(file)) {
            ObjectNode config = JsonFile.readObject(file);
            JsonNode ofText = config.path("text_config").path(EOS);
            addStopIds(file, config.hasNonNull(EOS) ? config.get(EOS) : ofText, stopIds);
        }
    }

    /** One id, or a list of them. */
    private static void addStopIds(Path file, JsonNode ids, Set<Integer> stopIds) {
        if (ids.isMissingNode() || ids.isNull()) {
            return;
        }
        for (JsonNode id : ids.isArray() ? ids : List.of(ids)) {
            if (!id.canConvertToInt() || id.intValue() < 0) {
                throw new CheckpointException(file, EOS, CheckpointException.shorten(ids.toString()),
                        "an id, or a list of them");
            }
            stopIds.add(id.intValue());
        }
    }
}
