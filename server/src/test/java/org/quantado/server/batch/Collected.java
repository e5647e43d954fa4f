package org.quantado.server.batch;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/** An answer as it was told. */
final class Collected implements AnswerListener {
    private static final int PATIENCE_SECONDS = 120;

    @SuppressWarnings("JdkObsolete") // written by one thread, and read by another
    private final StringBuffer text = new StringBuffer();
    private final List<TokenProbability> probabilities = new ArrayList<>();
    private final CompletableFuture<Outcome> outcome = new CompletableFuture<>();
    private final CompletableFuture<Void> begun = new CompletableFuture<>();

    @Override
    public void piece(String piece, List<TokenProbability> more) {
        assertThat(outcome).as("nothing comes after the end").isNotDone();
        text.append(piece);
        probabilities.addAll(more);
        begun.complete(null);
    }

    @Override
    public void end(Outcome end) {
        assertThat(outcome.complete(end)).as("one end").isTrue();
        begun.complete(null);
    }

    void awaitText() throws Exception {
        begun.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
    }

    Outcome outcome() throws Exception {
        return outcome.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
    }

    boolean hasEnded() {
        return outcome.isDone();
    }

    String text() {
        return text.toString();
    }

    List<TokenProbability> probabilities() {
        return probabilities;
    }
}
