package org.quantado.kernels.attention;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.stream.IntStream;

import org.quantado.kernels.graph.GraphPlan;
import org.quantado.kernels.graph.Heads;
import org.quantado.kernels.graph.RowBatch;
import org.quantado.kernels.graph.Rows;
import org.quantado.kernels.matmul.Flavour;

import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/** The positions of a case, appended to a cache and attending in batches. Queries, keys and values lie in one row. */
final class AttentionRun implements AutoCloseable {
    private final AttentionCase test;
    private final RowBatch batch;
    private final Rows qkv;
    private final Rows y;
    private final SequenceRows places;
    private final GraphPlan plan;
    private final List<AttentionCase.Kept> kept;

    AttentionRun(AttentionCase test, Flavour flavour, int capacity, int positions) {
        this.test = test;
        this.kept = IntStream.range(0, test.lengths().size()).mapToObj(test::kept).toList();
        this.batch = new RowBatch(capacity);
        int queries = test.heads() * test.keySize();
        int keys = test.kvHeads() * test.keySize();
        this.qkv = batch.rows(queries + keys + test.kvHeads() * test.valueSize());
        this.y = batch.rows(test.heads() * test.valueSize());
        this.places = SequenceRows.allocate(capacity);
        KvShape shape = new KvShape(test.layers(), test.lengths().size(), positions, test.kvHeads(), test.keySize(),
                test.valueSize());
        Attention attention = test.attention();
        IntArray layer = IntArray.fromElements(test.layer());
        this.plan = GraphPlan.of("tested", graph -> {
            KvCache cache = KvCache.allocate(shape, test.format(), test.scales(), flavour);
            graph.constants(cache.arrays()).constants(attention.windows());
            attention.sinks().ifPresent(graph::constants);
            graph.inputs(qkv.values(), places.places(), layer).inputs(batch.shapes());
            cache.append(graph, "append", Heads.at(qkv, queries, test.kvHeads(), test.keySize()),
                    Heads.at(qkv, queries + keys, test.kvHeads(), test.valueSize()), places, layer);
            attention.addTo(graph, "attend", Heads.at(qkv, 0, test.heads(), test.keySize()), cache, places, layer,
                    Heads.of(y, test.heads()));
            graph.outputs(y.values());
        });
    }

    /** Runs all sequences, in batches of {@code size} positions of one sequence after another. */
    void checkSequences(int size) {
        for (int sequence = 0; sequence < test.lengths().size(); sequence++) {
            for (int from = 0; from < test.lengths().get(sequence); from += size) {
                int count = Math.min(size, test.lengths().get(sequence) - from);
                for (int m = 0; m < count; m++) {
                    set(m, sequence, from + m);
                }
                check(count);
            }
        }
    }

    /** Runs all sequences side by side, each with one row in a batch until it ends. */
    void checkSideBySide() {
        boolean more = true;
        for (int position = 0; more; position++) {
            int count = 0;
            for (int sequence = 0; sequence < test.lengths().size(); sequence++) {
                if (position < test.lengths().get(sequence)) {
                    set(count, sequence, position);
                    count++;
                }
            }
            more = count > 0;
            if (more) {
                check(count);
            }
        }
    }

    private void set(int row, int sequence, int position) {
        places.set(row, sequence, position);
        int at = row * qkv.width();
        for (float[] part : new float[][]{test.query(sequence, position), test.key(sequence, position),
                test.value(sequence, position)}) {
            for (float value : part) {
                qkv.values().set(at, value);
                at++;
            }
        }
    }

    private void check(int count) {
        batch.setCount(count);
        y.values().init(Float.NaN);
        plan.execute();
        for (int m = 0; m < count; m++) {
            int sequence = places.places().get(2 * m);
            int position = places.places().get(2 * m + 1);
            double[] expected = test.expected(kept.get(sequence), sequence, position);
            double error = 0;
            for (int i = 0; i < expected.length; i++) {
                float found = y.values().get(m * expected.length + i);
                double difference = Double.isNaN(expected[i]) && Float.isNaN(found)
                        ? 0
                        : Math.abs(expected[i] - found);
                error = Double.isNaN(difference) ? difference : Math.max(error, difference);
            }
            assertThat(error).as("%s, position %d of sequence %d", test, position, sequence)
                    .isLessThan(test.tolerance());
        }
    }

    @Override
    public void close() {
        plan.close();
    }
}
