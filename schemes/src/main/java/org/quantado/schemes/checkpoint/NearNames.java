package org.quantado.schemes.checkpoint;

import java.nio.file.Path;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Collectors;

/** Finds, for a name that is not there, the names that may have been meant. */
public final class NearNames {
    private static final int SUGGESTIONS = 3;

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
