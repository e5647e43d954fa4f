package org.quantado.schemes.checkpoint;

import java.nio.file.Path;
import java.util.Collection;
import java.util.Comparator;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.IntStream;
import java.util.List;
import java.util.stream.Collectors;

/** Finds, for a name that is not there, the names that may have been meant. */
public final class NearNames {
    private static final int SUGGESTIONS = 3;

    /** One slip of the finger is likely in so many. */
    private static final int CHARACTERS_PER_SLIP = 3;

    private NearNames() {
    }

    static CheckpointException missing(Path file, String name, Collection<String> present) {
        return new CheckpointException(file, "tensor " + CheckpointException.quote(name), "no such tensor",
                describe("tensors", name, present));
    }

    /**
     * What was expected in place of a name: {@code one of its 12 tensors, such as 'a.weight'}.
     *
     * @param what is named, in the plural
     * @param name that is not there
     * @param present names that are
     */
    public static String describe(String what, String name, Collection<String> present) {
        String counted = "one of its " + present.size() + " " + what;
        List<String> near = present.stream()
                .sorted(Comparator.comparingInt((String other) -> -likeness(name, other))
                        .thenComparing(other -> other))
                .limit(SUGGESTIONS)
                .filter(other -> likeness(name, other) > 0)
                .toList();
        return near.isEmpty()
                ? counted
                : near.stream().map(CheckpointException::quote)
                        .collect(Collectors.joining(", ", counted + ", such as ", ""));
    }

    /**
     * The name that may have been meant: it differs in few characters, or in case, or goes on where the other ends.
     *
     * @param name that is not there
     * @param present names that are
     */
    public static Optional<String> meant(String name, Collection<String> present) {
        String wanted = name.toLowerCase(Locale.ROOT);
        int most = Math.max(1, wanted.length() / CHARACTERS_PER_SLIP);
        return present.stream()
                .filter(other -> distance(wanted, other.toLowerCase(Locale.ROOT)) <= most
                        || (!wanted.isEmpty() && other.toLowerCase(Locale.ROOT).startsWith(wanted)))
                .min(Comparator.comparingInt((String other) -> distance(wanted, other.toLowerCase(Locale.ROOT)))
                        .thenComparing(other -> other));
    }

    /** How many characters have to be put in, taken away or changed; Levenshtein's distance. */
    private static int distance(String from, String to) {
        int[] costs = IntStream.rangeClosed(0, to.length()).toArray();
        for (int i = 1; i <= from.length(); i++) {
            int diagonal = costs[0];
            costs[0] = i;
            for (int j = 1; j <= to.length(); j++) {
                int changed = diagonal + (from.charAt(i - 1) == to.charAt(j - 1) ? 0 : 1);
                diagonal = costs[j];
                costs[j] = Math.min(changed, 1 + Math.min(costs[j], costs[j - 1]));
            }
        }
        return costs[to.length()];
    }

    /** How much two names share from their beginnings and from their ends, in characters. */
    private static int likeness(String name, String other) {
        int shorter = Math.min(name.length(), other.length());
        int prefix = 0;
        while (prefix < shorter && name.charAt(prefix) == other.charAt(prefix)) {
            prefix++;
        }
        int suffix = 0;
        while (suffix < shorter - prefix
                && name.charAt(name.length() - 1 - suffix) == other.charAt(other.length() - 1 - suffix)) {
            suffix++;
        }
        return prefix + suffix;
    }
}
