package org.quantado.server.http;

import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.IntStream;

import org.quantado.server.api.AnswerFormat;
import org.quantado.server.api.ApiException;
import org.quantado.server.api.Prepared;
import org.quantado.server.batch.DrainingException;
import org.quantado.server.batch.Outcome;
import org.quantado.server.batch.QueueFullException;
import org.quantado.server.batch.Scheduler;
import org.quantado.server.batch.Submission;
import org.quantado.server.http.AnswerEvents.Event;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;

import io.helidon.webserver.CloseConnectionException;
import io.helidon.webserver.http.Handler;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;

/** Answers requests that the model answers, whole or as server-sent events. */
final class AnswerHandler implements Handler {
    /** How often a client is looked after while there is no token. */
    private static final Duration LOOK = Duration.ofMillis(100);
    private static final String EVENT = "data: ";
    private static final String DONE = "[DONE]";

    private final Scheduler scheduler;
    private final Function<ObjectNode, Prepared> reader;
    private final Bodies bodies;
    private final Connections connections;
    private final ServerMetrics metrics;
    private final Duration patience;

    /** @param reader of bodies */
    AnswerHandler(Scheduler scheduler, Function<ObjectNode, Prepared> reader, Bodies bodies, Connections connections,
            ServerMetrics metrics, Duration patience) {
        this.scheduler = scheduler;
        this.reader = reader;
        this.bodies = bodies;
        this.connections = connections;
        this.metrics = metrics;
        this.patience = patience;
    }

    @Override
    public void handle(ServerRequest request, ServerResponse response) throws InterruptedException {
        Prepared prepared = reader.apply(bodies.object(request));
        Connection connection = connections.current();
        AnswerEvents events = new AnswerEvents();
        List<Submission> submissions = submit(prepared, events);
        connection.watch();
        try {
            if (prepared.stream()) {
                stream(prepared, events, connection, response);
            } else {
                List<Outcome> outcomes = follow(prepared, events, connection, Client.SILENT);
                connection.expect(patience);
                bodies.send(response, prepared.format().whole(outcomes));
            }
        } finally {
            submissions.forEach(Submission::cancel);
        }
    }

    private List<Submission> submit(Prepared prepared, AnswerEvents events) {
        try {
            return scheduler.submit(prepared.answers(),
                    IntStream.range(0, prepared.answers().size()).mapToObj(events::of).toList());
        } catch (QueueFullException e) {
            throw ApiException.tooMany(e.getMessage(), e.retrySeconds());
        } catch (DrainingException e) {
            throw ApiException.unavailable(e.getMessage());
        }
    }

    /** Where parts of an answer go. */
    private interface Client {
        /** One that is told everything at the end. */
        Client SILENT = (part, more) -> {
        };

        /** @param more whether the next part is there already */
        void send(JsonNode part, boolean more) throws IOException;
    }

    private List<Outcome> follow(Prepared prepared, AnswerEvents events, Connection connection, Client client)
            throws InterruptedException {
        AnswerFormat format = prepared.format();
        Outcome[] outcomes = new Outcome[prepared.answers().size()];
        int left = outcomes.length;
        connection.expectNothing();
        try {
            while (left > 0) {
                Optional<Event> event = events.next(LOOK);
                connection.requireOpen();
                if (event.isEmpty()) {
                    continue;
                }
                switch (event.get()) {
                    case Event.Piece piece -> {
                        Optional<ObjectNode> part = format.piece(piece.choice(), piece.text(), piece.probabilities());
                        if (part.isPresent()) {
                            client.send(part.get(), events.hasNext());
                        }
                    }
                    case Event.End end -> {
                        metrics.answered(end.outcome());
                        outcomes[end.choice()] = end.outcome();
                        left--;
                        for (ObjectNode part : format.end(end.choice(), end.outcome())) {
                            client.send(part, false);
                        }
                    }
                }
            }
        } catch (IOException | UncheckedIOException e) {
            throw new CloseConnectionException("the client does not read on", e);
        }
        return List.of(outcomes);
    }

    private void stream(Prepared prepared, AnswerEvents events, Connection connection, ServerResponse response)
            throws InterruptedException {
        response.header("Content-Type", "text/event-stream; charset=utf-8").header("Cache-Control", "no-store");
        try (OutputStream out = response.outputStream()) {
            Client client = (part, more) -> {
                connection.expect(patience);
                write(out, part.toString(), more);
                connection.expectNothing();
            };
            try {
                for (int choice = 0; choice < prepared.answers().size(); choice++) {
                    Optional<ObjectNode> begin = prepared.format().begin(choice);
                    if (begin.isPresent()) {
                        client.send(begin.get(), false);
                    }
                }
                List<Outcome> outcomes = follow(prepared, events, connection, client);
                if (prepared.usage()) {
                    client.send(prepared.format().usage(outcomes), true);
                }
                connection.expect(patience);
                write(out, DONE, false);
            } catch (ApiException e) {
                client.send(e.json(), false);
            }
        } catch (IOException | UncheckedIOException e) {
            throw new CloseConnectionException("the client does not read on", e);
        }
    }

    private static void write(OutputStream out, String data, boolean more) throws IOException {
        out.write((EVENT + data + "\n\n").getBytes(StandardCharsets.UTF_8));
        if (!more) {
            out.flush();
        }
    }
}
