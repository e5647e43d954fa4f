package org.quantado.server.http;

import java.time.Duration;
import java.util.Set;
import java.util.function.Function;

import org.quantado.server.api.ApiException;
import org.quantado.server.api.ChatReader;
import org.quantado.server.api.CompletionReader;
import org.quantado.server.api.ModelList;
import org.quantado.server.api.Prepared;
import org.quantado.server.api.TokenizeReader;
import org.quantado.server.batch.Scheduler;
import org.quantado.server.model.ServedModel;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;

import io.helidon.http.HeaderNames;
import io.helidon.http.HeaderValues;
import io.helidon.http.Status;
import io.helidon.webserver.CloseConnectionException;
import io.helidon.webserver.WebServer;
import io.helidon.webserver.http.FilterChain;
import io.helidon.webserver.http.HttpRouting;
import io.helidon.webserver.http.RoutingRequest;
import io.helidon.webserver.http.RoutingResponse;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;
import io.helidon.webserver.http1.Http1Config;
import io.helidon.webserver.http1.Http1ConnectionSelector;

/** Serves a model by OpenAI's API, and a page to try it. Closes the model with itself. */
public final class ModelServer implements AutoCloseable {
    private static final Logger LOGGER = LoggerFactory.getLogger(ModelServer.class);
    /** Bytes of the first line of a request, and of its headers. */
    private static final int MOST_PROLOGUE = 4096;
    private static final int MOST_HEADERS = 16384;
    private static final int MOST_CONNECTIONS = 512;
    private static final String CHATS = "/v1/chat/completions";
    private static final String COMPLETIONS = "/v1/completions";
    private static final String MODELS = "/v1/models";
    private static final String TOKENIZE = "/tokenize";
    private static final String HEALTH = "/health";
    private static final String METRICS = "/metrics";
    private static final Set<String> PATHS = Set.of(CHATS, COMPLETIONS, MODELS, TOKENIZE, HEALTH, METRICS);

    private final ServedModel model;
    private final ServerSettings settings;
    private final Scheduler scheduler;
    private final ServerMetrics metrics;
    private final Connections connections;
    private final Bodies bodies;
    private final WebServer server;

    private ModelServer(ServedModel model, ServerSettings settings) {
        this.model = model;
        this.settings = settings;
        this.scheduler = new Scheduler(model.session(), model.tokenizer(), settings.batch());
        this.metrics = new ServerMetrics(scheduler);
        this.connections = new Connections(Http1ConnectionSelector.builder().config(Http1Config.builder()
                .maxPrologueLength(MOST_PROLOGUE).maxHeadersSize(MOST_HEADERS).buildPrototype()).build(),
                settings.patience());
        this.bodies = new Bodies(connections, settings.mostBytes(), settings.patience());
        this.server = WebServer.builder().host(settings.host()).port(settings.port()).shutdownHook(false)
                .protocolsDiscoverServices(false).featuresDiscoverServices(false)
                .addConnectionSelector(connections).maxTcpConnections(MOST_CONNECTIONS)
                .connectionOptions(options -> options.tcpNoDelay(true))
                .maxPayloadSize((long) settings.mostBytes() * Bodies.READ_TO_BE_REFUSED)
                .maxInMemoryEntity(settings.mostBytes())
                .directHandlers(TransportErrors.handlers(settings.mostBytes(), connections)).routing(this::route)
                .build();
    }

    /**
     * Begins to serve.
     *
     * @throws IllegalStateException if it cannot listen there
     */
    public static ModelServer start(ServedModel model, ServerSettings settings) {
        ModelServer server = new ModelServer(model, settings);
        try {
            server.server.start();
            if (!server.server.isRunning()) {
                // Helidon logs what stands in the way, and returns.
                throw new IllegalStateException("in use, or not an address of this machine");
            }
            return server;
        } catch (RuntimeException e) {
            server.scheduler.close();
            server.connections.close();
            throw e;
        }
    }

    private void route(HttpRouting.Builder routing) {
        ModelList models = new ModelList(model);
        routing.addFilter(this::filter)
                .error(ApiException.class, this::refuse)
                .error(CloseConnectionException.class, (request, response, e) -> {
                    throw e;
                })
                .error(RuntimeException.class, this::fail)
                .post(CHATS, answers(new ChatReader(model)::read))
                .post(COMPLETIONS, answers(new CompletionReader(model)::read))
                .post(TOKENIZE, (request, response) -> bodies.send(response,
                        new TokenizeReader(model).answer(bodies.object(request))))
                .get(MODELS, (request, response) -> bodies.send(response, models.all()))
                .get(MODELS + "/{id}", (request, response) -> bodies.send(response,
                        models.one(request.path().pathParameters().get("id"))))
                .get(Page.PATH, new Page())
                .get(HEALTH, this::health)
                .get(METRICS, (request, response) -> response
                        .header("Content-Type", "text/plain; version=0.0.4; charset=utf-8").send(metrics.text()));
        for (String path : PATHS) {
            routing.any(path, (request, response) -> {
                throw ApiException.methodNotAllowed();
            });
        }
        routing.any((request, response) -> {
            throw ApiException.notFound();
        });
    }

    private AnswerHandler answers(Function<ObjectNode, Prepared> reader) {
        return new AnswerHandler(scheduler, reader, bodies, connections, metrics, settings.patience());
    }

    /** Around all requests: the client's time, its key, and the name that it calls this machine by. */
    private void filter(FilterChain chain, RoutingRequest request, RoutingResponse response) {
        Connection connection = connections.current();
        connection.expectNothing();
        connection.beginAnswer();
        response.header("X-Content-Type-Options", "nosniff");
        try {
            String path = request.path().path();
            boolean needsKey = !path.equals(HEALTH) && !path.equals(Page.PATH);
            if (needsKey && !settings.keys().accepts(request.headers().value(HeaderNames.AUTHORIZATION).orElse(""))) {
                throw ApiException.unauthorized();
            }
            if (!settings.isPublic()
                    && !Hosts.namesLoopback(request.headers().value(HeaderNames.HOST).orElse(""))) {
                throw ApiException.badHttp("Host: expected a name of this machine alone, as localhost");
            }
            chain.proceed();
            if (connection.isAnswering()) { // a refusal has been counted
                metrics.responded(knownPath(request), response.status().code());
                connection.endAnswer();
            }
        } finally {
            connection.expect(settings.patience());
            if (request.headers().containsToken(HeaderValues.CONNECTION_CLOSE)) {
                connection.input().close();
            }
        }
    }

    private void refuse(ServerRequest request, ServerResponse response, ApiException error) {
        connections.current().expect(settings.patience());
        response.status(Status.create(error.status()));
        error.retrySeconds().ifPresent(seconds -> response.header("Retry-After", String.valueOf(seconds)));
        if (!request.content().consumed()) {
            response.header(HeaderValues.CONNECTION_CLOSE);
            connections.current().input().close();
        }
        metrics.responded(knownPath(request), error.status());
        bodies.send(response, error.json());
        connections.current().endAnswer();
    }

    private void fail(ServerRequest request, ServerResponse response, RuntimeException error) {
        LOGGER.error("{} failed", knownPath(request), error);
        refuse(request, response, ApiException.internal());
    }

    private void health(ServerRequest request, ServerResponse response) {
        boolean draining = scheduler.isDraining();
        response.status(draining ? Status.SERVICE_UNAVAILABLE_503 : Status.OK_200);
        bodies.send(response, JsonNodeFactory.instance.objectNode().put("status", draining ? "ending" : "ok"));
    }

    private static String knownPath(ServerRequest request) {
        return PATHS.contains(request.path().path()) ? request.path().path() : "other";
    }

    /** Where it listens. */
    public int port() {
        return server.port();
    }

    /** What is asked of the model. */
    public Scheduler scheduler() {
        return scheduler;
    }

    /**
     * Takes no more requests, and waits for those that are there.
     *
     * @return whether they ended in this time
     */
    public boolean drain(Duration limit) throws InterruptedException {
        scheduler.drain();
        return scheduler.awaitEnd(limit);
    }

    /** Ends all requests, and serves no more. */
    @Override
    public void close() {
        scheduler.close();
        server.stop();
        connections.close();
        model.close();
    }
}
