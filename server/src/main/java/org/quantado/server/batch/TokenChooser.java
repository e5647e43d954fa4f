package org.quantado.server.batch;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

import org.quantado.models.constrain.JsonObject;
import org.quantado.models.generate.Sampler;

import uk.ac.manchester.tornado.api.types.arrays.FloatArray;

/** Chooses the ids of one answer, as its request says. */
final class TokenChooser {
    private final BatchRequest request;
    private final int vocabulary;
    private final Sampler sampler;
    private final Optional<JsonObject> json;
    private final List<TokenProbability> probabilities = new ArrayList<>();

    TokenChooser(BatchRequest request, int vocabulary) {
        this.request = request;
        this.vocabulary = vocabulary;
        this.sampler = new Sampler(request.generation().sampling(), vocabulary, request.seed());
        this.json = request.json().map(JsonObject::new);
        sampler.see(request.prompt());
    }

    /**
     * The next id.
     *
     * @param logits {@code [V]}, changed
     * @throws org.quantado.models.generate.GenerationException if a logit is no number, or no id is possible
     */
    int choose(FloatArray logits) {
        Optional<LogProbabilities> before = request.alternatives().isPresent()
                ? Optional.of(new LogProbabilities(logits))
                : Optional.empty();
        request.bias().forEach((id, bias) -> logits.set(id, logits.get(id) + bias));
        json.ifPresent(object -> object.mask(logits, vocabulary));
        int id = sampler.next(logits);
        sampler.see(id);
        before.ifPresent(all -> probabilities.add(all.of(id)));
        return id;
    }

    /** Goes on with an id; whether the answer has the form that was asked for. */
    boolean completes(int id) {
        json.ifPresent(object -> object.see(id));
        return json.map(JsonObject::isComplete).orElse(false);
    }

    /** What was chosen since the last call, if that was asked for. */
    List<TokenProbability> takeProbabilities() {
        List<TokenProbability> taken = List.copyOf(probabilities);
        probabilities.clear();
        return taken;
    }

    /** Whether something was chosen since then of which the listener is to be told. */
    boolean hasProbabilities() {
        return !probabilities.isEmpty();
    }

    /** Forgets the last id, which is not part of the answer. */
    void dropLast() {
        if (!probabilities.isEmpty()) {
            probabilities.removeLast();
        }
    }

    /** Logarithms of the probabilities of all ids. */
    private final class LogProbabilities {
        private final double[] values;

        LogProbabilities(FloatArray logits) {
            double[] all = IntStream.range(0, vocabulary).mapToDouble(logits::get).toArray();
            double largest = IntStream.range(0, vocabulary).mapToDouble(i -> all[i]).max().orElseThrow();
            double logOfSum = largest + Math.log(IntStream.range(0, vocabulary)
                    .mapToDouble(i -> Math.exp(all[i] - largest)).sum());
            this.values = IntStream.range(0, vocabulary).mapToDouble(i -> all[i] - logOfSum).toArray();
        }

        TokenProbability of(int id) {
            List<TokenProbability> likely = IntStream.range(0, vocabulary).boxed()
                    .sorted(Comparator.<Integer>comparingDouble(other -> values[other]).reversed())
                    .limit(request.alternatives().orElse(0))
                    .map(other -> new TokenProbability(other, values[other], List.of())).toList();
            return new TokenProbability(id, values[id], likely);
        }
    }
}
