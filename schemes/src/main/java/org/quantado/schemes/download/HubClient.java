package org.quantado.schemes.download;

import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpHeaders;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.function.Consumer;

import org.quantado.schemes.hub.HubException;
import org.quantado.schemes.hub.HubException.Reason;
import org.quantado.schemes.hub.HubToken;
import org.quantado.schemes.hub.ModelId;

/**
 * Asks the hub for one model's things, and follows it to where it keeps large files. The token goes to the hub's own
 * address only, and once a redirect has led away from there to nobody. What may pass is tried again.
 */
final class HubClient implements AutoCloseable {
    static final int PARTIAL = 206;
    static final int NO_SUCH_RANGE = 416;
    private static final int OK = 200;

    private static final Set<Integer> REDIRECTS = Set.of(301, 302, 303, 307, 308);
    /** As huggingface_hub has them: time-outs, too many requests, and servers that have no time. */
    private static final Set<Integer> PASSING = Set.of(408, 429, 500, 502, 503, 504);
    private static final int MOST_REDIRECTS = 10;
    private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(10);
    private static final String AGENT = "quantado";

    private final ModelId id;
    private final URI endpoint;
    private final Origin hub;
    private final Optional<HubToken> token;
    private final Patience patience;
    private final HttpClient http;
    private final ScheduledThreadPoolExecutor clock;
    /** Whether anybody has answered: where nobody ever has, there is nothing to wait for. */
    private volatile boolean reached;

    /**
     * What is made of an answer.
     *
     * @param <T> type of it
     */
    interface Use<T> {
        /** @throws BrokenConnection if the answer is to be asked for again */
        T of(HttpResponse<InputStream> answer) throws BrokenConnection;
    }

    HubClient(ModelId id, URI endpoint, Optional<HubToken> token, Patience patience) {
        this.id = id;
        this.endpoint = endpoint;
        this.hub = Origin.of(endpoint);
        this.token = token;
        this.patience = patience;
        // redirects are followed here, because of the token; connections of their own carry more than streams of one
        this.http = HttpClient.newBuilder().followRedirects(HttpClient.Redirect.NEVER)
                .version(HttpClient.Version.HTTP_1_1).connectTimeout(CONNECT_TIMEOUT).build();
        this.clock = new ScheduledThreadPoolExecutor(1, Thread.ofPlatform().daemon().factory());
        clock.setRemoveOnCancelPolicy(true);
    }

    /** An address below the hub's. */
    URI address(String path) {
        return URI.create(endpoint + path);
    }

    /** Whether an address is the hub's own. */
    boolean isHub(URI uri) {
        return uri.getHost() != null && hub.equals(Origin.of(uri));
    }

    /**
     * Gets something from the hub.
     *
     * @param offset of the first byte that is wanted
     * @param hubSaid told of the headers of each answer that the hub itself gave
     * @param use of the answer, whose status is 200; or 206 or 416 if there is an offset
     * @throws HubException if it is not to be had
     */
    <T> T get(URI address, long offset, Consumer<HttpHeaders> hubSaid, Use<T> use) {
        for (int failures = 1;; failures++) {
            Duration pause = patience.pause(failures);
            try {
                HttpResponse<InputStream> answer = follow(address, offset, hubSaid);
                int status = answer.statusCode();
                if (status == OK || (offset > 0 && (status == PARTIAL || status == NO_SUCH_RANGE))) {
                    return use.of(answer);
                }
                close(answer);
                if (!PASSING.contains(status) || failures >= patience.tries()) {
                    throw refusal(answer);
                }
                pause = RetryAfter.of(answer.headers(), Instant.now()).orElse(pause);
                requirePatience(pause);
            } catch (BrokenConnection e) {
                if (!reached || failures >= patience.tries()) {
                    throw unreachable(e);
                }
            }
            pause(pause);
        }
    }

    private HttpResponse<InputStream> follow(URI address, long offset, Consumer<HttpHeaders> hubSaid)
            throws BrokenConnection {
        URI current = address;
        boolean trusted = true;
        for (int redirects = 0; redirects <= MOST_REDIRECTS; redirects++) {
            trusted &= isHub(current);
            HttpResponse<InputStream> answer = send(current, offset, trusted);
            reached = true;
            if (trusted) {
                hubSaid.accept(answer.headers());
            }
            if (!REDIRECTS.contains(answer.statusCode())) {
                return answer;
            }
            close(answer);
            current = target(current, answer.headers().firstValue("Location").orElse(""));
        }
        throw notTrusted("more than " + MOST_REDIRECTS + " redirects");
    }

    private HttpResponse<InputStream> send(URI address, long offset, boolean trusted) throws BrokenConnection {
        HttpRequest.Builder request = HttpRequest.newBuilder(address).timeout(patience.silence())
                .header("User-Agent", AGENT).header("Accept-Encoding", "identity");
        if (offset > 0) {
            request.header("Range", "bytes=" + offset + "-");
        }
        if (trusted) {
            token.ifPresent(some -> request.header("Authorization", some.authorization()));
        }
        try {
            return http.send(request.build(), info -> BodyHandlers.ofInputStream().apply(info));
        } catch (IOException e) {
            throw new BrokenConnection(Origin.of(address), e);
        } catch (InterruptedException e) {
            throw interrupted(e);
        }
    }

    private static void close(HttpResponse<InputStream> answer) throws BrokenConnection {
        try {
            answer.body().close();
        } catch (IOException e) {
            throw new BrokenConnection(Origin.of(answer.uri()), e);
        }
    }

    /** Where a redirect leads, if that is somewhere. Its text is not told: it may hold a signature. */
    private URI target(URI from, String location) {
        URI target;
        try {
            target = from.resolve(location);
        } catch (IllegalArgumentException e) {
            throw notTrusted("a redirect to no address");
        }
        boolean web = target.getHost() != null && ("http".equals(target.getScheme())
                || "https".equals(target.getScheme()));
        if (location.isEmpty() || !web || target.getUserInfo() != null) {
            throw notTrusted("a redirect to no address of a server");
        }
        if (Origin.of(from).isSecure() && !Origin.of(target).isSecure()) {
            throw notTrusted("a redirect from https to http");
        }
        return target;
    }

    /** The bytes of an answer, for as long as they come. */
    InputStream bytes(HttpResponse<InputStream> answer) {
        return new GuardedStream(answer.body(), clock, patience.silence());
    }

    /** Waits before the next try of something that broke off. */
    void pauseAfter(int failures) {
        pause(patience.pause(failures));
    }

    private void pause(Duration pause) {
        try {
            Thread.sleep(pause);
        } catch (InterruptedException e) {
            throw interrupted(e);
        }
    }

    private HubException interrupted(InterruptedException e) {
        Thread.currentThread().interrupt();
        return new HubException(Reason.HINDERED, id + ": interrupted", e);
    }

    private void requirePatience(Duration pause) {
        if (pause.compareTo(patience.longestWait()) > 0) {
            throw new HubException(Reason.HINDERED, id + ": found a server that asks to wait for " + pause.toSeconds()
                    + " s, expected at most " + patience.longestWait().toSeconds() + "; try again later");
        }
    }

    private HubException refusal(HttpResponse<?> answer) {
        return isHub(answer.uri())
                ? new Refusal(id, endpoint, token).of(answer)
                : new HubException(Reason.HINDERED, id + ": found HTTP status " + answer.statusCode() + " of "
                        + Origin.of(answer.uri()) + ", where the hub keeps a file, expected the file; try again later");
    }

    /** There is no way to the hub, or none that lasts. */
    HubException unreachable(BrokenConnection e) {
        return new HubException(Reason.HINDERED, id + ": found " + e.getMessage()
                + ", expected a network that leads there", e);
    }

    /** A complaint about what a server says. */
    HubException notTrusted(String found) {
        return new HubException(Reason.NOT_TRUSTED, id + ": found " + found + ", expected what a hub says");
    }

    @Override
    public void close() {
        clock.shutdownNow();
        http.shutdownNow();
        http.close();
    }
}
