package org.quantado.server.http;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

import org.quantado.server.batch.AnswerListener;
import org.quantado.server.batch.Outcome;
import org.quantado.server.batch.TokenProbability;

/** What happens to the answers of one request, for the thread that tells the client. There are never more events than tokens. */
final class AnswerEvents {
    private final LinkedBlockingQueue<Event> events = new LinkedBlockingQueue<>();

    /** Something that happened to a choice. */
    sealed interface Event {
        /** A piece of its text. */
        record Piece(int choice, String text, List<TokenProbability> probabilities) implements Event {
        }

        /** Its end. */
        record End(int choice, Outcome outcome) implements Event {
        }
    }

    /** Listens to a choice. */
    AnswerListener of(int choice) {
        return new AnswerListener() {
            @Override
            public void piece(String text, List<TokenProbability> probabilities) {
                events.add(new Event.Piece(choice, text, probabilities));
            }

            @Override
            public void end(Outcome outcome) {
                events.add(new Event.End(choice, outcome));
            }
        };
    }

    /** The next event, if it comes in this time. */
    Optional<Event> next(Duration time) throws InterruptedException {
        return Optional.ofNullable(events.poll(time.toNanos(), TimeUnit.NANOSECONDS));
    }

    /** Whether there is one already. */
    boolean hasNext() {
        return !events.isEmpty();
    }
}
