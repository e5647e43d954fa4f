package org.quantado.kernels.matmul.gpu;

import static org.assertj.core.api.Assertions.assertThat;

import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

class ColumnSplitTest {
    @Test
    void columnsAreSharedWhereElementsAreFew() {
        assertThat(ColumnSplit.of(4096, 1024, 1024, 512).count()).isEqualTo(1);
        assertThat(ColumnSplit.of(4096, 513, 1024, 512).count()).isEqualTo(1);
        assertThat(ColumnSplit.of(4096, 512, 1024, 512)).isEqualTo(new ColumnSplit(4096, 2048));
        assertThat(ColumnSplit.of(4096, 1, 1024, 512)).isEqualTo(new ColumnSplit(4096, 512));
        assertThat(ColumnSplit.of(100, 1, 1024, 512)).isEqualTo(new ColumnSplit(100, 128));
    }

    @Property
    void splitsAreWholeWordsAndCoverAllColumns(@ForAll @IntRange(min = 1, max = 70_000) int inputs,
            @ForAll @IntRange(min = 1, max = 3000) int groups, @ForAll @IntRange(max = 3000) int wanted,
            @ForAll @IntRange(min = 32, max = 2048) int least) {
        ColumnSplit split = ColumnSplit.of(inputs, groups, wanted, least);
        assertThat(split.columns() % 32).isZero();
        assertThat((split.count() - 1) * split.columns()).isLessThan(inputs);
        assertThat(split.count() * split.columns()).isGreaterThanOrEqualTo(inputs);
        assertThat(split.count()).isLessThanOrEqualTo(Math.max(1, wanted / groups));
        assertThat(split.columns()).isGreaterThanOrEqualTo(Math.min(inputs, least));
    }
}
