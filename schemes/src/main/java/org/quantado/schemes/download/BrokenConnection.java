package org.quantado.schemes.download;

import java.io.IOException;
import java.net.ConnectException;
import java.net.UnknownHostException;
import java.net.http.HttpConnectTimeoutException;
import java.net.http.HttpTimeoutException;
import java.nio.channels.UnresolvedAddressException;

import javax.net.ssl.SSLException;

import org.quantado.schemes.checkpoint.CheckpointException;

/** There is no connection to a server, or it broke off. */
final class BrokenConnection extends IOException {
    private static final long serialVersionUID = 1L;

    /** The message goes after "found". */
    BrokenConnection(Origin server, IOException cause) {
        super("no connection to " + server + " that lasts (" + describe(cause) + ")", cause);
    }

    private static String describe(IOException e) {
        return switch (e) {
            case UnknownHostException unknown -> "no such host is known";
            case ConnectException connect when connect.getCause() instanceof UnresolvedAddressException
                    || (connect.getCause() != null
                            && connect.getCause().getCause() instanceof UnresolvedAddressException) ->
                "no such host is known";
            case HttpConnectTimeoutException timeout -> "no answer";
            case ConnectException connect -> "the connection is refused";
            case HttpTimeoutException timeout -> "no answer";
            case SSLException secure -> "not a secure one: " + message(secure);
            default -> message(e);
        };
    }

    private static String message(IOException e) {
        return e.getMessage() == null ? "it broke off" : CheckpointException.shorten(e.getMessage());
    }
}
