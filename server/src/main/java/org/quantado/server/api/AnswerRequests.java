package org.quantado.server.api;

import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.stream.IntStream;

import org.quantado.models.constrain.TokenTexts;
import org.quantado.models.generate.GenerationRequest;
import org.quantado.server.batch.BatchRequest;
import org.quantado.server.model.ServedModel;

/** Makes requests to the batch of what a client asks. */
final class AnswerRequests {
    private final ServedModel model;
    private final AnswerFields fields;
    private final OptionalInt mostTokens;
    private final OptionalInt alternatives;
    private final Optional<TokenTexts> json;

    /**
     * @param mostTokens of an answer, if that was said; otherwise as many as the context has room for
     * @param alternatives told with each token, if probabilities are asked for
     * @param json whether answers are JSON objects
     */
    AnswerRequests(ServedModel model, AnswerFields fields, OptionalInt mostTokens, OptionalInt alternatives,
            boolean json) {
        this.model = model;
        this.fields = fields;
        this.mostTokens = mostTokens;
        this.alternatives = alternatives;
        this.json = json ? Optional.of(model.texts()) : Optional.empty();
    }

    /**
     * Those of one prompt.
     *
     * @param field that it comes from, for errors
     */
    List<BatchRequest> of(String field, int... prompt) {
        if (prompt.length == 0) {
            throw ApiException.invalid(field, "found no tokens, expected one at least");
        }
        if (prompt.length > model.context() || prompt.length + (long) mostTokens.orElse(0) > model.context()) {
            throw ApiException.tooLong(field, field + ": found " + prompt.length + " tokens"
                    + (mostTokens.isPresent() ? " and an answer of " + mostTokens.getAsInt() : "")
                    + ", expected at most "
                    + model.context() + " in all");
        }
        Set<Integer> stopIds = json.isPresent() ? Set.of() : model.stopIds();
        GenerationRequest generation = new GenerationRequest(fields.sampling(), mostTokens.orElse(model.context()),
                stopIds,
                fields.stops());
        long seed = fields.seed().orElseGet(() -> new SplittableRandom().nextLong());
        return IntStream.range(0, fields.choices())
                .mapToObj(choice -> new BatchRequest(prompt, generation, seed + choice,
                        fields.bias(), json, alternatives))
                .toList();
    }
}
