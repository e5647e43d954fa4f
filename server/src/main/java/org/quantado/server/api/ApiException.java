package org.quantado.server.api;

import java.util.Optional;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;

/** Why a request is not answered, as OpenAI's API says it. */
public final class ApiException extends RuntimeException {
    private static final long serialVersionUID = 1L;
    private static final int BAD_REQUEST = 400;
    private static final int UNAUTHORIZED = 401;
    private static final int NOT_FOUND = 404;
    private static final int METHOD_NOT_ALLOWED = 405;
    private static final int TIMEOUT = 408;
    private static final int TOO_LARGE = 413;
    private static final int TOO_MANY = 429;
    private static final int INTERNAL = 500;
    private static final int UNAVAILABLE = 503;
    private static final String INVALID = "invalid_request_error";
    private static final String SERVER = "server_error";
    /** When a server that ends may be there again. */
    private static final int RESTART_SECONDS = 5;

    private final int status;
    private final String type;
    private final String code;
    private final String parameter;
    private final int retrySeconds;

    private ApiException(int status, String type, String code, String parameter, String message, int retrySeconds) {
        super(message);
        this.status = status;
        this.type = type;
        this.code = code;
        this.parameter = parameter;
        this.retrySeconds = retrySeconds;
    }

    /** A field is not as it should be. */
    static ApiException invalid(String field, String message) {
        return new ApiException(BAD_REQUEST, INVALID, "invalid_value", field, field + ": " + message, 0);
    }

    /** A field, or a value of it, that this server does not honour. */
    static ApiException unsupported(String field, String message) {
        return new ApiException(BAD_REQUEST, INVALID, "unsupported_parameter", field, field + ": " + message, 0);
    }

    /** The prompt, or what is asked for after it, is too long. */
    static ApiException tooLong(String field, String message) {
        return new ApiException(BAD_REQUEST, INVALID, "context_length_exceeded", field, message, 0);
    }

    /** The body is no JSON object. */
    static ApiException malformed(String message) {
        return new ApiException(BAD_REQUEST, INVALID, "invalid_json", null, message, 0);
    }

    /** The request does not keep to HTTP. */
    public static ApiException badHttp(String message) {
        return new ApiException(BAD_REQUEST, INVALID, "bad_request", null, message, 0);
    }

    /** There is no key, or a wrong one. */
    public static ApiException unauthorized() {
        return new ApiException(UNAUTHORIZED, INVALID, "invalid_api_key", null,
                "no valid API key: expected the header Authorization: Bearer KEY", 0);
    }

    /** There is no such model here. */
    static ApiException noModel(String found, String expected) {
        return new ApiException(NOT_FOUND, INVALID, "model_not_found", "model",
                "model: found " + found + ", expected " + expected, 0);
    }

    /** There is nothing at this path. */
    public static ApiException notFound() {
        return new ApiException(NOT_FOUND, INVALID, "not_found", null, "there is nothing at this path", 0);
    }

    /** The path takes another method. */
    public static ApiException methodNotAllowed() {
        return new ApiException(METHOD_NOT_ALLOWED, INVALID, "method_not_allowed", null, "not with this method", 0);
    }

    /** It took too long. */
    public static ApiException timeout(String message) {
        return new ApiException(TIMEOUT, "timeout", "timeout", null, message, 0);
    }

    /** The body is larger than what is read. */
    public static ApiException tooLarge(long most) {
        return new ApiException(TOO_LARGE, INVALID, "body_too_large", null, "the body has more than " + most + " bytes",
                0);
    }

    /** The queue is full. */
    public static ApiException tooMany(String message, int retrySeconds) {
        return new ApiException(TOO_MANY, "rate_limit_error", "queue_full", null, message, retrySeconds);
    }

    /** The server is about to end. */
    public static ApiException unavailable(String message) {
        return new ApiException(UNAVAILABLE, SERVER, "shutting_down", null, message, RESTART_SECONDS);
    }

    /** Something went wrong that is not the client's fault. */
    public static ApiException internal() {
        return new ApiException(INTERNAL, SERVER, "internal_error", null, "the server failed; its log says more", 0);
    }

    /** Of the response. */
    public int status() {
        return status;
    }

    /** After how many seconds the client may try again, if that helps. */
    public Optional<Integer> retrySeconds() {
        return retrySeconds == 0 ? Optional.empty() : Optional.of(retrySeconds);
    }

    /** The body of the response. */
    public ObjectNode json() {
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        json.putObject("error").put("message", getMessage()).put("type", type).put("param", parameter).put("code",
                code);
        return json;
    }
}
