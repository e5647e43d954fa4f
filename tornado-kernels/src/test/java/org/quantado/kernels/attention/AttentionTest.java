package org.quantado.kernels.attention;

import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Optional;

import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.ShrinkingMode;
import net.jqwik.api.Tag;
import net.jqwik.api.Tuple;

import org.quantado.kernels.engine.Engine;
import org.quantado.kernels.matmul.Flavour;
import org.quantado.kernels.matmul.FlavourChoice;

/** Attention over caches of every format against float64, however rows come. */
@Tag("device")
class AttentionTest {
    @Property(tries = 10, shrinking = ShrinkingMode.OFF)
    void blocksOfRows(@ForAll("cases") AttentionCase test, @ForAll("flavours") Flavour flavour) {
        int longest = longest(test);
        int size = 1 + (int) Math.floorMod(test.seed(), (long) Math.min(longest, 70));
        try (AttentionRun run = new AttentionRun(test, flavour, size, longest)) {
            run.checkSequences(size);
        }
    }

    @Property(tries = 6, shrinking = ShrinkingMode.OFF)
    void sequencesSideBySide(@ForAll("cases") AttentionCase test, @ForAll("flavours") Flavour flavour) {
        try (AttentionRun run = new AttentionRun(test, flavour, test.lengths().size(), longest(test) + 5)) {
            run.checkSideBySide();
        }
    }

    /** Where there is too little to do at a time, a sequence is split by its positions. */
    @Property(tries = 4, shrinking = ShrinkingMode.OFF)
    void positionsOfOneHead(@ForAll("cases") AttentionCase test, @ForAll("flavours") Flavour flavour) {
        int length = 150;
        int size = 1 + (int) Math.floorMod(test.seed(), 8L);
        try (AttentionRun run = new AttentionRun(test.ofOneHead(length), flavour, size, length)) {
            run.checkSequences(size);
        }
    }

    /** A key and a value that are NaN reach the rows that see them, and no other of their block. */
    @Property(tries = 20, shrinking = ShrinkingMode.OFF)
    void whatARowDoesNotSee(@ForAll("cases") AttentionCase test, @ForAll("flavours") Flavour flavour) {
        int longest = longest(test);
        AttentionCase broken = test.brokenAt((int) Math.floorMod(test.seed() / 64, (long) longest));
        int size = Math.min(longest, 64);
        try (AttentionRun run = new AttentionRun(broken, flavour, size, longest)) {
            run.checkSequences(size);
        }
    }

    @Provide
    static Arbitrary<Flavour> flavours() {
        Engine.ensureInstalled();
        List<Flavour> possible = Arrays.stream(Flavour.values()).filter(flavour -> flavour.hindrance().isEmpty())
                .toList();
        return Arbitraries.frequencyOf(Tuple.of(2, Arbitraries.just(FlavourChoice.forDevice().flavour())),
                Tuple.of(1, Arbitraries.of(possible)));
    }

    private static int longest(AttentionCase test) {
        return Collections.max(test.lengths());
    }

    @Provide
    static Arbitrary<AttentionCase> cases() {
        Arbitrary<Integer> sizes = Arbitraries.of(8, 16, 24, 32, 48, 64, 96, 128);
        Arbitrary<List<Integer>> lengths = Arbitraries.frequencyOf(Tuple.of(4, Arbitraries.integers().between(1, 60)),
                Tuple.of(1, Arbitraries.integers().between(61, 300))).list().ofMinSize(1)
                .ofMaxSize(3);
        Arbitrary<Integer> windows = Arbitraries.of(0, 0, 1, 7, 64);
        Arbitrary<Optional<Float>> caps = Arbitraries.of(Optional.empty(), Optional.of(2.5f));
        return Combinators.combine(Arbitraries.frequencyOf(
                Tuple.of(1, Arbitraries.of(KvFormat.class)), Tuple.of(1, Arbitraries.just(KvFormat.F32))),
                Arbitraries.integers().between(1, 3),
                Arbitraries.of(1, 2, 3), sizes, Arbitraries.of(true, false), lengths, windows, caps)
                .flatAs((format, layers, kvHeads, size, sameSize, length, window, cap) -> Combinators
                        .combine(Arbitraries.of(1, 2, 3, 4, 8), Arbitraries.of(true, false), Arbitraries.longs())
                        .as((group, sinks, seed) -> new AttentionCase(format, layers, kvHeads, group, size,
                                sameSize ? size : size + 16, length, window, sinks, cap, -1,
                                seed)));
    }
}
