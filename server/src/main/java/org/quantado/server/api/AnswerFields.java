package org.quantado.server.api;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.OptionalLong;

import org.quantado.models.generate.Sampling;
import org.quantado.server.model.ServedModel;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;

/**
 * The fields that chats and completions have in common.
 *
 * @param sampling how ids are chosen; what is not said is as the model's files have it
 * @param seed of the draws, if it was said
 * @param stops texts that end an answer
 * @param stream whether the answer is sent as it comes
 * @param usage whether a stream ends with the number of tokens
 * @param choices answers to each prompt
 * @param bias is added to the logits of some ids
 */
record AnswerFields(Sampling sampling, OptionalLong seed, List<String> stops, boolean stream, boolean usage,
        int choices,
        Map<Integer, Float> bias) {
    private static final int MOST_STOPS = 4;
    /** In characters: looking for them costs as much with each token. */
    private static final int LONGEST_STOP = 256;
    private static final double HOTTEST = 2;
    private static final double MOST_BIAS = 100;

    /** Reads them; other fields are for others to read. */
    static AnswerFields read(Fields fields, ServedModel model) {
        String id = fields.requiredText("model");
        if (!id.equals(model.id())) {
            throw ApiException.noModel(id.length() > LONGEST_STOP ? "another" : id, model.id());
        }
        boolean stream = fields.bool("stream").orElse(false);
        for (String neutral : List.of("frequency_penalty", "presence_penalty")) {
            fields.only(neutral, JsonNodeFactory.instance.numberNode(0));
        }
        return new AnswerFields(sampling(fields, model.sampling()),
                fields.integer64("seed", Long.MIN_VALUE, Long.MAX_VALUE),
                stops(fields), stream, usage(fields, stream), fields.integer("n", 1, model.sequences()).orElse(1),
                bias(fields, model.vocabulary()));
    }

    private static Sampling sampling(Fields fields, Sampling model) {
        OptionalDouble temperature = fields.number("temperature", 0, HOTTEST);
        OptionalDouble topP = fields.number("top_p", Double.MIN_VALUE, 1);
        Sampling sampling = model;
        if (temperature.isPresent()) {
            sampling = sampling.withTemperature(temperature.getAsDouble());
        } else if (topP.isPresent() && model.isGreedy()) {
            sampling = sampling.withTemperature(1);
        }
        return topP.isPresent() ? sampling.withTopP(topP.getAsDouble()) : sampling;
    }

    private static List<String> stops(Fields fields) {
        List<String> stops = fields.texts("stop");
        if (stops.size() > MOST_STOPS
                || stops.stream().anyMatch(stop -> stop.isEmpty() || stop.length() > LONGEST_STOP)) {
            throw ApiException.invalid("stop", "expected at most " + MOST_STOPS + " strings of 1 to " + LONGEST_STOP
                    + " characters");
        }
        return stops;
    }

    private static boolean usage(Fields fields, boolean stream) {
        Optional<JsonNode> options = fields.node("stream_options");
        if (options.isEmpty()) {
            return false;
        }
        if (!stream) {
            throw ApiException.invalid("stream_options", "only with stream");
        }
        Fields within = Fields.of(options.get(), "stream_options");
        boolean usage = within.bool("include_usage").orElse(false);
        within.only("include_obfuscation", JsonNodeFactory.instance.booleanNode(false));
        within.refuseOthers();
        return usage;
    }

    private static Map<Integer, Float> bias(Fields fields, int vocabulary) {
        Optional<JsonNode> node = fields.node("logit_bias");
        if (node.isEmpty()) {
            return Map.of();
        }
        Fields within = Fields.of(node.get(), "logit_bias");
        Map<Integer, Float> bias = new HashMap<>();
        node.get().fieldNames().forEachRemaining(name -> {
            OptionalDouble value = within.number(name, -MOST_BIAS, MOST_BIAS);
            bias.put(id(name, vocabulary), (float) value.orElse(0));
        });
        return bias;
    }

    private static int id(String name, int vocabulary) {
        int id = name.matches("\\d{1,9}") ? Integer.parseInt(name) : -1;
        if (id < 0 || id >= vocabulary) {
            throw ApiException.invalid("logit_bias", "expected ids from 0 to " + (vocabulary - 1) + " as names");
        }
        return id;
    }

    /** Tokens of an answer at most, under one of several names. */
    static OptionalInt mostTokens(Fields fields, String... names) {
        OptionalInt most = OptionalInt.empty();
        for (String name : names) {
            OptionalInt value = fields.integer(name, 1, Integer.MAX_VALUE);
            if (value.isPresent() && most.isPresent() && !value.equals(most)) {
                throw ApiException.invalid(name, "found " + value.getAsInt() + " beside another limit of "
                        + most.getAsInt());
            }
            most = value.isPresent() ? value : most;
        }
        return most;
    }
}
