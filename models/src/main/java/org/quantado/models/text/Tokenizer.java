package org.quantado.models.text;

import static java.util.stream.Collectors.toSet;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.stream.IntStream;
import java.util.stream.Stream;

import org.quantado.schemes.checkpoint.CheckpointException;

import ai.djl.huggingface.tokenizers.HuggingFaceTokenizer;

/**
 * Text to ids and back, as {@code tokenizer.json} says, by Hugging Face's own library.
 *
 * <p>Special tokens are recognized in text, as in the peers. May be used by several threads.
 */
public final class Tokenizer implements AutoCloseable {
    private static final String BOS = "bos_token";
    private static final String EOS = "eos_token";
    /** A text without special tokens, to see what is put around one. */
    private static final String PROBE = "a";

    private final TokenizerFile vocabulary;
    private final TokenizerConfig config;
    private final HuggingFaceTokenizer tokenizer;
    private final OptionalInt eos;
    /** Ids before and after every text that is given to the model. */
    private final int[] before;
    private final int[] after;

    private Tokenizer(Path file, TokenizerFile vocabulary, TokenizerConfig config, HuggingFaceTokenizer tokenizer) {
        this.vocabulary = vocabulary;
        this.config = config;
        this.tokenizer = tokenizer;
        this.eos = id(file, EOS, config.addsEos().orElse(false));
        OptionalInt bos = id(file, BOS, config.addsBos().orElse(false));
        int[] plain = ids(PROBE, false);
        int[] wrapped = ids(PROBE, true);
        int begin = IntStream.rangeClosed(0, wrapped.length - plain.length)
                .filter(i -> Arrays.equals(wrapped, i, i + plain.length, plain, 0, plain.length)).findFirst()
                .orElseThrow(() -> new CheckpointException(file, "post_processor", "one that changes a text's ids",
                        "one that puts ids before and after it"));
        this.before = before(Arrays.copyOf(wrapped, begin), bos, config.addsBos());
        this.after = after(Arrays.copyOfRange(wrapped, begin + plain.length, wrapped.length), eos, config.addsEos());
    }

    /** What the tokenizer puts before a text, with bos first or not if the config says so. */
    private static int[] before(int[] ids, OptionalInt bos, Optional<Boolean> addsBos) {
        boolean hasBos = ids.length > 0 && bos.equals(OptionalInt.of(ids[0]));
        if (addsBos.isEmpty() || addsBos.get() == hasBos) {
            return ids;
        }
        return hasBos ? Arrays.copyOfRange(ids, 1, ids.length) : concat(bos.stream(), Arrays.stream(ids));
    }

    private static int[] after(int[] ids, OptionalInt eos, Optional<Boolean> addsEos) {
        boolean hasEos = ids.length > 0 && eos.equals(OptionalInt.of(ids[ids.length - 1]));
        if (addsEos.isEmpty() || addsEos.get() == hasEos) {
            return ids;
        }
        return hasEos ? Arrays.copyOf(ids, ids.length - 1) : concat(Arrays.stream(ids), eos.stream());
    }

    private static int[] concat(IntStream first, IntStream second) {
        return IntStream.concat(first, second).toArray();
    }

    /**
     * Opens the tokenizer of a model's folder.
     *
     * @throws CheckpointException if there is none, or something is wrong with one of its files
     */
    public static Tokenizer open(Path folder) {
        Path file = folder.resolve(TokenizerFile.NAME);
        if (!Files.exists(file)) {
            throw new CheckpointException(folder.toString(), "no " + TokenizerFile.NAME,
                    TokenizerFile.NAME + " as Hugging Face's tokenizers write it");
        }
        String json = text(file);
        TokenizerConfig config = TokenizerConfig.read(folder);
        Set<String> marks = Stream.of(BOS, EOS).flatMap(role -> config.token(role).stream()).collect(toSet());
        TokenizerFile vocabulary = TokenizerFile.parse(file, json, marks);
        try {
            HuggingFaceTokenizer tokenizer = NativeTokenizers.of(json);
            try {
                return new Tokenizer(file, vocabulary, config, tokenizer);
            } catch (CheckpointException e) {
                tokenizer.close();
                throw e;
            }
        } catch (IOException e) {
            throw new CheckpointException(file.toString(), e.getMessage(), "a tokenizer").causedBy(e);
        }
    }

    private static String text(Path file) {
        try {
            return StandardCharsets.UTF_8.newDecoder().onMalformedInput(CodingErrorAction.REPORT)
                    .decode(ByteBuffer.wrap(Files.readAllBytes(file))).toString();
        } catch (CharacterCodingException e) {
            throw new CheckpointException(file, "text", "bytes that are not UTF-8", "valid JSON").causedBy(e);
        } catch (IOException e) {
            throw new CheckpointException(file.toString(), e.getMessage(), "a file that can be read").causedBy(e);
        }
    }

    private OptionalInt id(Path file, String role, boolean needed) {
        Optional<Integer> id = config.token(role).flatMap(vocabulary::id);
        if (needed && id.isEmpty()) {
            throw new CheckpointException(config.file(), role, config.token(role).map(CheckpointException::quote)
                    .orElse("nothing"), "a token of " + file.getFileName());
        }
        return id.stream().mapToInt(Integer::intValue).findFirst();
    }

    /**
     * Refuses a model that this tokenizer does not belong to.
     *
     * @param rows of the embedding: ids that the model knows
     */
    public void requireFits(int rows) {
        if (vocabulary.size() > rows) {
            throw new CheckpointException(config.file().resolveSibling(TokenizerFile.NAME), "model.vocab",
                    "ids up to " + (vocabulary.size() - 1), "ids below " + rows
                            + ", the rows of the model's embedding");
        }
    }

    /** One more than the largest id. */
    public int vocabularySize() {
        return vocabulary.size();
    }

    /** The id of {@code eos_token}, if there is one. */
    public OptionalInt eos() {
        return eos;
    }

    /**
     * Ids of a text, without special tokens but those that stand in it.
     *
     * @throws IllegalArgumentException if it has half of a surrogate pair
     */
    public int[] encode(String text) {
        return ids(text, false);
    }

    /** Ids of a text with those before and after it that the model expects, such as {@code bos_token}. */
    public int[] encodeWithSpecialTokens(String text) {
        return concat(IntStream.concat(Arrays.stream(before), Arrays.stream(encode(text))), Arrays.stream(after));
    }

    private int[] ids(String text, boolean withSpecialTokens) {
        requireWhole(text);
        return Arrays.stream(tokenizer.encode(text, withSpecialTokens, false).getIds()).mapToInt(Math::toIntExact)
                .toArray();
    }

    private static void requireWhole(String text) {
        int surrogate = IntStream.range(0, text.length())
                .filter(i -> Character.isSurrogate(text.charAt(i)) && !isHalf(text, i)).findFirst().orElse(-1);
        if (surrogate >= 0) {
            throw new IllegalArgumentException("text: found half of a surrogate pair at character " + surrogate
                    + ", expected Unicode");
        }
    }

    /** Whether the character is half of a pair that is there. */
    private static boolean isHalf(String text, int i) {
        return Character.isHighSurrogate(text.charAt(i))
                ? i + 1 < text.length() && Character.isLowSurrogate(text.charAt(i + 1))
                : i > 0 && Character.isHighSurrogate(text.charAt(i - 1));
    }

    /** The text of ids, without special tokens; what is no UTF-8 becomes U+FFFD. */
    public String decode(int... ids) {
        return decode(ids, true);
    }

    /** The text of ids with all special tokens. */
    public String decodeWithSpecialTokens(int... ids) {
        return decode(ids, false);
    }

    private String decode(int[] ids, boolean skipSpecialTokens) {
        return tokenizer.decode(Arrays.stream(ids).asLongStream().toArray(), skipSpecialTokens);
    }

    /** Whether an id has text: there is such a token, and it is no special one. */
    public boolean isText(int id) {
        return vocabulary.isText(id);
    }

    /** Whether a token stands for one byte, so that the text of all such in a row is known with the last. */
    boolean isByte(int id) {
        return vocabulary.isByte(id);
    }

    /** What {@code tokenizer_config.json} says. */
    TokenizerConfig config() {
        return config;
    }

    @Override
    public void close() {
        tokenizer.close();
    }
}
