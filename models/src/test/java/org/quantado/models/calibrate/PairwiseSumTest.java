package org.quantado.models.calibrate;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.stream.IntStream;

import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

/** Sums are put together in the same way whoever takes which blocks. */
class PairwiseSumTest {
    private static String plus(String earlier, String later) {
        return "(" + earlier + " " + later + ")";
    }

    private static String sum(SampleBlocks blocks, int slots) {
        PairwiseSum<String> all = new PairwiseSum<>(PairwiseSumTest::plus);
        for (SampleBlocks.Share share : blocks.shares(slots)) {
            PairwiseSum<String> own = new PairwiseSum<>(PairwiseSumTest::plus);
            share.blocks().forEach(block -> own.add(String.valueOf(block), 1));
            all.add(own.total(), share.width());
        }
        return all.total();
    }

    private static SampleBlocks blocks(int samples) {
        return SampleBlocks.of(Collections.nCopies(samples, new int[1]), 1);
    }

    @Test
    void neighboursComeFirst() {
        assertThat(sum(blocks(1), 1)).isEqualTo("0");
        assertThat(sum(blocks(7), 1)).isEqualTo("(((0 1) (2 3)) ((4 5) 6))");
    }

    @Property
    void theNumberOfSlotsDoesNotMatter(@ForAll @IntRange(min = 1, max = 40) int samples,
            @ForAll @IntRange(min = 1, max = 100) int slots) {
        assertThat(sum(blocks(samples), slots)).isEqualTo(sum(blocks(samples), 1000));
    }

    @Property
    void eachSampleIsInOneBlock(@ForAll @IntRange(min = 1, max = 100) int samples,
            @ForAll @IntRange(min = 1, max = 100) int slots) {
        SampleBlocks blocks = blocks(samples);
        List<Integer> found = new ArrayList<>();
        blocks.shares(slots).forEach(share -> share.blocks()
                .forEach(block -> blocks.samples(block).forEach(found::add)));
        assertThat(found).isEqualTo(IntStream.range(0, samples).boxed().toList());
        assertThat(blocks.shares(slots).stream().mapToInt(blocks::samples).sum()).isEqualTo(samples);
    }
}
