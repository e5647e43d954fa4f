package org.quantado.schemes.download;

import java.net.URI;
import java.net.http.HttpResponse;
import java.util.Optional;

import org.quantado.schemes.hub.HubException;
import org.quantado.schemes.hub.HubException.Reason;
import org.quantado.schemes.hub.HubToken;
import org.quantado.schemes.hub.ModelId;

/**
 * What it means that the hub does not give something. Its own words are not repeated: who knows what is in them.
 *
 * @param id the model
 * @param endpoint of the hub
 * @param token that was sent
 */
record Refusal(ModelId id, URI endpoint, Optional<HubToken> token) {
    private static final int BAD_REQUEST = 400;
    private static final int UNAUTHORIZED = 401;
    private static final int FORBIDDEN = 403;
    private static final int NOT_FOUND = 404;
    private static final int TOO_MANY_REQUESTS = 429;

    private static final String INVALID_TOKEN = "Invalid credentials in Authorization header";
    private static final String DISABLED = "Access to this resource is disabled.";

    /** The sentence for an answer of the hub. */
    HubException of(HttpResponse<?> answer) {
        String message = answer.headers().firstValue("X-Error-Message").orElse("");
        if (message.equals(INVALID_TOKEN)) {
            return notGiven("a token that " + endpoint + " does not know, " + sender(), "a valid one, or none");
        }
        if (message.equals(DISABLED)) {
            return notGiven("a model that " + endpoint + " has disabled", "another one");
        }
        return switch (answer.headers().firstValue("X-Error-Code").orElse("")) {
            case "GatedRepo" -> gated();
            case "RevisionNotFound" -> notGiven("no revision '" + id.revision() + "'",
                    "a branch, a tag or a commit of the model");
            case "EntryNotFound" -> notGiven("a file of the listing that is not there", "a model that stays as it is");
            case "RepoNotFound" -> unknown();
            default -> ofStatus(answer.statusCode());
        };
    }

    private HubException ofStatus(int status) {
        return switch (status) {
            case UNAUTHORIZED, NOT_FOUND -> unknown();
            case FORBIDDEN -> notGiven("that " + endpoint + " does not allow it, " + sender(),
                    "a token that may read the model");
            case BAD_REQUEST -> notGiven("that " + endpoint + " does not understand the id or revision",
                    "those of a model");
            case TOO_MANY_REQUESTS -> new HubException(Reason.HINDERED, id + ": found that " + endpoint
                    + " has had too many requests, expected an answer; try again later");
            default -> new HubException(Reason.HINDERED, id + ": found HTTP status " + status + " of " + endpoint
                    + ", expected an answer; try again later");
        };
    }

    private HubException gated() {
        return notGiven("a gated model, " + sender(), token.isPresent()
                ? "a user who has been given access on " + page()
                : "a user who has been given access on " + page() + ", known by HF_TOKEN or hf auth login");
    }

    private HubException unknown() {
        return notGiven("no such model on " + endpoint + ", " + sender(),
                "the id of a model, or for a private one a token that may read it");
    }

    private String page() {
        return endpoint + "/" + id.name();
    }

    private String sender() {
        return token.map(some -> "with the token from " + some.source()).orElse("without a token");
    }

    private HubException notGiven(String found, String expected) {
        return new HubException(Reason.NOT_GIVEN, id + ": found " + found + ", expected " + expected);
    }
}
