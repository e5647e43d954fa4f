package org.quantado.kernels.matmul;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.Stream;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.quantado.kernels.engine.Engine;
import org.quantado.kernels.graph.LayerGraph;
import org.quantado.kernels.graph.Rows;

import uk.ac.manchester.tornado.api.GridScheduler;
import uk.ac.manchester.tornado.api.TornadoExecutionPlan;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/** Each block of rows meets its own block of the weight, as the tokens of experts do. */
@Tag("device")
class MatmulBlocksTest {
    private static final int BLOCKS = 3;
    private static final int OUTPUTS = 20;
    private static final int INPUTS = 64;
    private static final int FILLED = 32;

    private final RandomWeights random = new RandomWeights(7);

    static Stream<Flavour> flavours() {
        return Arrays.stream(Flavour.values()).filter(flavour -> flavour.hindrance().isEmpty());
    }

    @ParameterizedTest
    @MethodSource("flavours")
    void rowsMeetTheirBlock(Flavour flavour) throws Exception {
        assertProducts(flavour, random.e2m1(BLOCKS, OUTPUTS, INPUTS));
    }

    @ParameterizedTest
    @MethodSource("flavours")
    void columnsOfEachBlockComeInAnOrderOfItsOwn(Flavour flavour) throws Exception {
        ExpertMatrix all = random.e2m1(BLOCKS, OUTPUTS, INPUTS + FILLED);
        assertProducts(flavour, new ExpertWeights() {
            @Override
            public int experts() {
                return BLOCKS;
            }

            @Override
            public int outputs() {
                return OUTPUTS;
            }

            @Override
            public int inputs() {
                return INPUTS;
            }

            @Override
            public LinearWeight read(int expert) {
                LinearWeight weight = all.read(expert);
                return new LinearWeight(weight.matrix(), weight.bias(), INPUTS, Optional.of(order(expert)));
            }
        });
    }

    /** All columns of the input, and places that none has. */
    private static IntArray order(int block) {
        List<Integer> columns = new ArrayList<>(IntStream.range(0, INPUTS).boxed().toList());
        columns.addAll(Collections.nCopies(FILLED, -1));
        Collections.shuffle(columns, new Random(block));
        return IntArray.fromArray(columns.stream().mapToInt(Integer::intValue).toArray());
    }

    private void assertProducts(Flavour flavour, ExpertWeights weights) throws Exception {
        Engine.ensureInstalled();
        Matmul matmul = new FlavourChoice(flavour, "tested").prepare(weights);
        for (int rows : new int[]{3, 6, 40, 150}) {
            Rows x = new Rows(random.floats(rows * INPUTS), IntArray.fromElements(rows, INPUTS), rows, INPUTS);
            Rows y = new Rows(new FloatArray(rows * OUTPUTS), IntArray.fromElements(rows, OUTPUTS), rows, OUTPUTS);
            int perBlock = matmul.rowsPerBlock(rows);
            IntArray blocks = new IntArray(Math.ceilDiv(rows, perBlock));
            for (int b = 0; b < blocks.getSize(); b++) {
                blocks.set(b, (b + 2) % BLOCKS);
            }
            GridScheduler grids = new GridScheduler();
            LayerGraph graph = new LayerGraph("blocks" + rows, grids).constants(matmul.arrays())
                    .inputs(x.values(), x.shape(), y.shape(), blocks);
            matmul.addTo(graph, "multiply", x, new RowBlocks(perBlock, blocks), y);
            graph.outputs(y.values());
            try (TornadoExecutionPlan plan = new TornadoExecutionPlan(graph.snapshot())) {
                plan.withGridScheduler(grids);
                Engine.selectedDevice().ifPresent(plan::withDevice);
                plan.execute();
            }
            for (int m = 0; m < rows; m++) {
                for (int n = 0; n < OUTPUTS; n++) {
                    LinearWeight weight = weights.read(blocks.get(m / perBlock));
                    double[] row = weight.row(n);
                    double expected = weight.bias().get(n);
                    for (int k = 0; k < INPUTS; k++) {
                        expected += x.values().get(m * INPUTS + k) * row[k];
                    }
                    assertThat((double) y.values().get(m * OUTPUTS + n)).as("y[%d, %d] of %d rows", m, n, rows)
                            .isCloseTo(expected, within(1e-4));
                }
            }
        }
    }
}
