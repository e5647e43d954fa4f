package org.quantado.models.text;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.lifecycle.AfterContainer;

class StreamingDecoderTest {
    private static final Tokenizer BYTE_LEVEL = Tokenizer.open(TestModels.tales());
    private static final Tokenizer BYTE_FALLBACK = Tokenizer.open(TestModels.bytes());

    @AfterContainer
    static void close() {
        BYTE_LEVEL.close();
        BYTE_FALLBACK.close();
    }

    @Property
    void piecesOfAnyIdsMakeTheWholeText(@ForAll("ids") int[] ids) {
        check(BYTE_LEVEL, ids);
        check(BYTE_FALLBACK, ids);
    }

    @Property
    void piecesOfAnyTextMakeThatText(@ForAll("texts") String text) {
        assertThat(String.join("", check(BYTE_LEVEL, BYTE_LEVEL.encode(text)))).isEqualTo(text);
        assertThat(String.join("", check(BYTE_FALLBACK, BYTE_FALLBACK.encode(text)))).isEqualTo(text);
    }

    /** Ids of all tokens, single bytes more often than others, and some that no token has. */
    @Provide
    Arbitrary<int[]> ids() {
        Arbitrary<Integer> any = Arbitraries.integers().between(0, 520);
        Arbitrary<Integer> bytes = Arbitraries.integers().between(4, 258);
        Arbitrary<Integer> leading = Arbitraries.integers().between(3 + 0x80, 3 + 0xff);
        return Arbitraries.oneOf(any, bytes, leading).array(int[].class).ofMaxSize(40);
    }

    @Provide
    Arbitrary<String> texts() {
        return Arbitraries.oneOf(Arbitraries.of("the ", " ", "a", "hen", "\u00e9", "\u4f60\u597d", "\ud83d\ude00", "\n",
                "\ufffd")).list().ofMaxSize(20).map(parts -> String.join("", parts));
    }

    private static List<String> check(Tokenizer tokenizer, int... ids) {
        StreamingDecoder decoder = new StreamingDecoder(tokenizer);
        List<String> pieces = new ArrayList<>();
        String whole = tokenizer.decode(ids);
        StringBuilder soFar = new StringBuilder();
        for (int id : ids) {
            pieces.add(decoder.add(id));
            soFar.append(pieces.getLast());
            assertThat(whole).as("ids %s", Arrays.toString(ids)).startsWith(soFar.toString());
            assertThat(endsInTheMiddle(pieces.getLast())).isFalse();
        }
        pieces.add(decoder.finish());
        assertThat(String.join("", pieces)).isEqualTo(whole);
        return pieces;
    }

    private static boolean endsInTheMiddle(String piece) {
        return !piece.isEmpty() && Character.isHighSurrogate(piece.charAt(piece.length() - 1));
    }

    @Example
    void wordsComeAtOnceAndCharactersWhenTheyAreWhole() {
        StreamingDecoder decoder = new StreamingDecoder(BYTE_LEVEL);
        List<String> pieces = new ArrayList<>();
        for (int id : BYTE_LEVEL.encode("the hen \ud83d\ude00!")) {
            pieces.add(decoder.add(id));
        }
        assertThat(pieces).startsWith("t", "he", " he", "n").endsWith("", "", "", "\ud83d\ude00", "!");
    }

    @Example
    void anUnfinishedCharacterComesInTheEnd() {
        StreamingDecoder decoder = new StreamingDecoder(BYTE_FALLBACK);
        assertThat(decoder.add(3 + 0xe4)).isEmpty();
        assertThat(decoder.finish()).isEqualTo("\ufffd");
        assertThat(decoder.finish()).isEmpty();
    }

    @Example
    void specialTokensAreNoText() {
        StreamingDecoder decoder = new StreamingDecoder(BYTE_FALLBACK);
        int[] cat = BYTE_FALLBACK.encode("cat");
        assertThat(decoder.add(1) + decoder.add(cat[0]) + decoder.add(cat[1]) + decoder.add(2) + decoder.finish())
                .isEqualTo(BYTE_FALLBACK.decode(cat[0], cat[1]));
    }
}
