package org.quantado.schemes.download;

import java.util.List;
import java.util.stream.Stream;

/**
 * Which files of a model are fetched.
 *
 * @param included patterns of which a path must match one
 * @param excluded patterns of which it must match none
 */
public record FileChoice(List<PathPattern> included, List<PathPattern> excluded) {
    /** How names of files of weights end. */
    static final String WEIGHTS = ".safetensors";

    /** Weights, config, index, tokenizer, template. */
    private static final List<String> NEEDS = List.of("*" + WEIGHTS, "*.json", "*.jinja", "*.model", "*.tiktoken",
            "merges.txt",
            "vocab.txt");
    /** Folders hold the same weights in other forms; so do Mistral's consolidated files, and indexes of other weights. */
    private static final List<String> NOT_NEEDED = List.of("*/*", "consolidated*", "*.bin.index.json",
            "*.msgpack.index.json", "*.h5.index.json");

    /** What running a model takes: safetensors, JSON, tokenizer and chat template of the top folder. */
    public static final FileChoice NEEDED = new FileChoice(patterns(NEEDS), patterns(NOT_NEEDED));

    public FileChoice {
        included = List.copyOf(included);
        excluded = List.copyOf(excluded);
    }

    /**
     * What a user asks for.
     *
     * @param included patterns in place of the usual choice; empty: the usual choice
     * @param excluded patterns of what is left out of it
     */
    public static FileChoice of(List<String> included, List<String> excluded) {
        return included.isEmpty()
                ? new FileChoice(NEEDED.included,
                        Stream.concat(NEEDED.excluded.stream(), patterns(excluded).stream()).toList())
                : new FileChoice(patterns(included), patterns(excluded));
    }

    private static List<PathPattern> patterns(List<String> texts) {
        return texts.stream().map(PathPattern::of).toList();
    }

    /** Whether it is of no use without weights. */
    boolean needsWeights() {
        return included.equals(NEEDED.included);
    }

    /** Whether a file is fetched. */
    boolean takes(String path) {
        return included.stream().anyMatch(pattern -> pattern.matches(path))
                && excluded.stream().noneMatch(pattern -> pattern.matches(path));
    }
}
