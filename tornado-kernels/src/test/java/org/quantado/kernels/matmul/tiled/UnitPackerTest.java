package org.quantado.kernels.matmul.tiled;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.quantado.kernels.codec.E2M1;
import org.quantado.kernels.codec.E4M3;
import org.quantado.kernels.matmul.QuantizedMatrix;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/** Rows are packed as {@link TileCode#pack} packs their fields, in whatever way. */
class UnitPackerTest {
    private static final int INPUTS = 3 * TileCode.UNIT;
    private static final int LANE = 5;

    private static int[] integers(int bits) {
        int offset = 1 << (bits - 1);
        return IntStream.range(0, 1 << bits).map(code -> (code - offset) & ((1 << bits) - 1)).toArray();
    }

    private static int[] fields(TileCode code, int fraction, FloatArray table) {
        return IntStream.range(0, table.getSize())
                .map(c -> new TileCode.Scaled(code, fraction).field(table.get(c)).orElse(-1)).toArray();
    }

    static Stream<Arguments> weights() {
        return Stream.of(Arguments.of(TileCode.INT2, 2, integers(2), TurnedCodes.class),
                Arguments.of(TileCode.INT4, 4, integers(4), TurnedCodes.class),
                Arguments.of(TileCode.INT8, 8, integers(8), TurnedCodes.class),
                Arguments.of(TileCode.E4M3_CODE, 8, fields(TileCode.E4M3_CODE, 0, E4M3.table()), TurnedCodes.class),
                Arguments.of(TileCode.E2M1_CODE, 4, fields(TileCode.E2M1_CODE, 0, E2M1.table()), TurnedCodes.class),
                Arguments.of(TileCode.INT5, 4, fields(TileCode.INT5, 1, E2M1.table()), TriplesOfNibbles.class),
                Arguments.of(TileCode.INT5, 8, integers(5), UnitFields.class),
                Arguments.of(TileCode.SHIFTED10, 8, fields(TileCode.SHIFTED10, 9, E4M3.table()), TriplesOfBytes.class));
    }

    private static QuantizedMatrix matrix(int codeBits, int inputs, int groupSize) {
        int groups = QuantizedMatrix.groups(inputs, groupSize);
        return new QuantizedMatrix(1, inputs, codeBits, new IntArray(QuantizedMatrix.wordsPerRow(inputs, codeBits)),
                new FloatArray(1 << codeBits), groupSize, new FloatArray(groups), new FloatArray(1));
    }

    @ParameterizedTest
    @MethodSource("weights")
    void everyWay(TileCode code, int codeBits, int[] fieldOfCode, Class<?> way) {
        QuantizedMatrix matrix = matrix(codeBits, INPUTS, 16);
        UnitPacker packer = UnitPacker.of(code, matrix, fieldOfCode);
        assertThat(packer).isInstanceOf(way);
        Random random = new Random(codeBits);
        for (int round = 0; round < 50; round++) {
            int[] codes = new int[matrix.words().getSize()];
            int[] expected = new int[INPUTS / TileCode.UNIT * code.width()];
            int[] unit = new int[code.width()];
            for (int u = 0; u < INPUTS / TileCode.UNIT; u++) {
                int[] fields = new int[TileCode.UNIT];
                for (int c = 0; c < TileCode.UNIT; c++) {
                    int k = u * TileCode.UNIT + c;
                    int drawn = draw(random, fieldOfCode);
                    codes[k * codeBits / Integer.SIZE] |= drawn << (k * codeBits % Integer.SIZE);
                    fields[c] = fieldOfCode[drawn];
                }
                code.pack(fields, unit);
                System.arraycopy(unit, 0, expected, u * unit.length, unit.length);
            }
            int[] tile = new int[expected.length * TiledWeight.ROWS];
            Arrays.fill(tile, 77);
            assertThat(packer.pack(codes, tile, LANE)).isTrue();
            for (int i = 0; i < tile.length; i++) {
                boolean isOfLane = i % TiledWeight.ROWS == LANE;
                assertThat(tile[i]).isEqualTo(isOfLane ? expected[i / TiledWeight.ROWS] : 77);
            }
        }
    }

    private static int draw(Random random, int[] fieldOfCode) {
        int drawn = random.nextInt(fieldOfCode.length);
        while (fieldOfCode[drawn] < 0) {
            drawn = random.nextInt(fieldOfCode.length);
        }
        return drawn;
    }

    @ParameterizedTest
    @MethodSource("weights")
    void codesWithoutAFieldAreNoticedWhereverTheyAre(TileCode code, int codeBits, int[] fieldOfCode, Class<?> way) {
        UnitPacker packer = UnitPacker.of(code, matrix(codeBits, INPUTS, INPUTS), fieldOfCode);
        int[] tile = new int[INPUTS / TileCode.UNIT * code.width() * TiledWeight.ROWS];
        for (int bad = 0; bad < fieldOfCode.length; bad++) {
            for (int k = 0; k < INPUTS; k++) {
                int[] codes = new int[INPUTS * codeBits / Integer.SIZE];
                codes[k * codeBits / Integer.SIZE] = bad << (k * codeBits % Integer.SIZE);
                assertThat(packer.pack(codes, tile, 0)).as("code %d, column %d", bad, k)
                        .isEqualTo(fieldOfCode[bad] >= 0);
            }
        }
    }

    @Test
    void rowsOfNoWholeUnitsAreFilledUp() {
        int[] fields = integers(4);
        int inputs = 41;
        UnitPacker packer = UnitPacker.of(TileCode.INT4, matrix(4, inputs, inputs), fields);
        assertThat(packer).isInstanceOf(UnitFields.class);
        int[] codes = new int[QuantizedMatrix.wordsPerRow(inputs, 4)];
        int[] tile = new int[2 * 4 * TiledWeight.ROWS];
        assertThat(packer.pack(codes, tile, 0)).isTrue();
        for (int k = 0; k < 2 * TileCode.UNIT; k++) {
            int field = (tile[k / 8 * TiledWeight.ROWS] >> (k % 8 * 4)) & 15;
            assertThat(field).isEqualTo(k < inputs ? 8 : 0);
        }
    }
}
