package org.quantado.server.api;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.stream.IntStream;

import org.quantado.server.model.ServedModel;

/**
 * How a token is named in an answer.
 *
 * @param text what it adds to a text; its own name if it is a special one
 */
record TokenName(String text) {
    private static final char REPLACEMENT = '\ufffd';

    static TokenName of(ServedModel model, int id) {
        return new TokenName(model.texts().text(id).orElseGet(() -> model.tokenizer().decodeWithSpecialTokens(id)));
    }

    /** Whether it consists of whole characters, so that its bytes are known. */
    boolean isWhole() {
        return text.indexOf(REPLACEMENT) < 0;
    }

    /** In UTF-8. */
    List<Integer> bytes() {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        return IntStream.range(0, bytes.length).mapToObj(i -> Byte.toUnsignedInt(bytes[i])).toList();
    }
}
