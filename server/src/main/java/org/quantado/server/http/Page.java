package org.quantado.server.http;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;

import io.helidon.webserver.http.Handler;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;

/**
 * The page to try the model. A browser runs its one script and its one style sheet, whose hashes the policy names, asks no
 * host but this server, and shows it in no other page.
 */
final class Page implements Handler {
    static final String PATH = "/";

    private static final String FILE = "page.html";

    private final byte[] html;
    private final String policy;

    Page() {
        String text;
        try (InputStream in = Page.class.getResourceAsStream(FILE)) {
            text = new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        this.html = text.getBytes(StandardCharsets.UTF_8);
        this.policy = "default-src 'none'; connect-src 'self'; img-src data:; script-src " + hash(text, "script")
                + "; style-src " + hash(text, "style")
                + "; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'";
    }

    /** As a policy names what is between the tags. */
    private static String hash(String html, String tag) {
        int begin = html.indexOf("<" + tag + ">") + tag.length() + 2;
        String content = html.substring(begin, html.indexOf("</" + tag + ">"));
        try {
            return "'sha256-" + Base64.getEncoder().encodeToString(MessageDigest.getInstance("SHA-256")
                    .digest(content.getBytes(StandardCharsets.UTF_8))) + "'";
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    @Override
    public void handle(ServerRequest request, ServerResponse response) {
        response.header("Content-Type", "text/html; charset=utf-8").header("Content-Security-Policy", policy)
                .header("Referrer-Policy", "no-referrer").header("Cache-Control", "no-cache").send(html);
    }
}
