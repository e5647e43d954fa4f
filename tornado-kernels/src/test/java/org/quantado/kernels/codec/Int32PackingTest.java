package org.quantado.kernels.codec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Locale;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.opentest4j.TestAbortedException;
import org.quantado.kernels.codec.Int32Packing.Layout;
import org.quantado.kernels.golden.GoldenFolder;
import org.quantado.kernels.golden.GoldenTensors;

class Int32PackingTest {
    @Test
    void theFirstValueIsInTheLowestBits() {
        assertThat(new Int32Packing(4, Layout.DENSE).packColumns(new byte[]{-8, -7, 7}, 1, 3))
                .containsExactly(0xf10);
    }

    @Test
    void aDenseValueStraddlesWordsWhereAPaddedOneStartsTheNext() {
        byte[] values = new byte[11];
        values[10] = 3;
        assertThat(new Int32Packing(3, Layout.DENSE).packColumns(values, 1, 11)).containsExactly(0xe4924924,
                0x1);
        assertThat(new Int32Packing(3, Layout.PADDED).packColumns(values, 1, 11)).containsExactly(0x24924924,
                0x7);
    }

    @Property
    void unpackingGivesBackWhatWasPacked(@ForAll @IntRange(min = 1, max = 8) int bits, @ForAll Layout layout,
            @ForAll @IntRange(max = 70) int rows, @ForAll @IntRange(max = 70) int columns,
            @ForAll long seed) {
        Int32Packing packing = new Int32Packing(bits, layout);
        byte[] values = new byte[rows * columns];
        new SplittableRandom(seed).nextBytes(values);
        narrow(values, bits);
        assertThat(packing.unpackColumns(packing.packColumns(values, rows, columns), rows, columns))
                .isEqualTo(values);
        assertThat(packing.unpackRows(packing.packRows(values, rows, columns), rows, columns))
                .isEqualTo(values);
    }

    @Test
    void aValueThatNeedsMoreBitsIsRefused() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new Int32Packing(4, Layout.DENSE).packColumns(new byte[]{8}, 1, 1))
                .withMessage("value 8 does not fit 4 bits: expected -8 to 7");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new Int32Packing(4, Layout.DENSE).packRows(new byte[]{-9}, 1, 1));
    }

    private static void narrow(byte[] values, int bits) {
        for (int index = 0; index < values.length; index++) {
            values[index] = (byte) (values[index] >> (Byte.SIZE - bits));
        }
    }

    @Nested
    @Tag("golden")
    class Golden {
        private final GoldenTensors golden = GoldenFolder.tensors("codecs/pack_int32.safetensors");

        @TestFactory
        Stream<DynamicTest> matricesArePackedAsThePeerDoes() {
            return GoldenFolder.cases(() -> json("entries").map(entry -> {
                int rows = entry.get("shape").get(0).intValue();
                int columns = entry.get("shape").get(1).intValue();
                int bits = entry.get("bits").intValue();
                boolean alongRows = entry.get("packed_dim").intValue() == 0;
                Layout layout = Layout.valueOf(entry.get("layout").textValue().toUpperCase(Locale.ROOT));
                String name = rows + "x" + columns + ", " + bits + " bits, " + layout
                        + (alongRows ? ", rows" : "");
                return DynamicTest.dynamicTest(name, () -> {
                    byte[] values = golden.bytes("base_" + rows + "x" + columns);
                    narrow(values, bits);
                    Int32Packing packing = new Int32Packing(bits, layout);
                    int[] packed = alongRows
                            ? packing.packRows(values, rows, columns)
                            : packing.packColumns(values, rows, columns);
                    assertThat(sha256(packed)).isEqualTo(entry.get("sha256").textValue());
                    if (entry.has("tensor")) {
                        assertThat(packed).isEqualTo(golden.ints(entry.get("tensor").textValue()));
                    }
                    assertThat(alongRows
                            ? packing.unpackRows(packed, rows, columns)
                            : packing.unpackColumns(packed, rows, columns)).isEqualTo(values);
                });
            }));
        }

        @Test
        void slicesArePackedAsThePeerDoes() {
            byte[] values = golden.bytes("base3d_3x5x20_b4");
            assertThat(new Int32Packing(4, Layout.DENSE).packColumns(values, 3 * 5, 20))
                    .isEqualTo(golden.ints("packed3d_3x5x20_b4_dense"));
        }

        @TestFactory
        Stream<DynamicTest> errorsReadAsThePeers() {
            return GoldenFolder.cases(() -> json("errors").map(error -> {
                String operation = error.get("op").textValue();
                String dtype = error.get("dtype").textValue();
                int bits = error.get("bits").intValue();
                return DynamicTest.dynamicTest(operation + " " + dtype + " " + bits,
                        () -> assertThatIllegalArgumentException()
                                .isThrownBy(() -> start(operation, dtype, bits))
                                .withMessage(error.get("message").textValue()));
            }));
        }

        private static Stream<JsonNode> json(String array) {
            return GoldenFolder.json("codecs/pack_int32.json").get(array).valueStream();
        }

        private Int32Packing start(String operation, String dtype, int bits) {
            switch (operation) {
                case "pack" -> Int32Packing.requirePackable(dtype);
                case "unpack" -> Int32Packing.requireUnpackable(dtype);
                default -> throw new TestAbortedException("no such operation: " + operation);
            }
            return new Int32Packing(bits, Layout.DENSE);
        }

        private static String sha256(int[] words) throws NoSuchAlgorithmException {
            ByteBuffer bytes = ByteBuffer.allocate(words.length * Integer.BYTES)
                    .order(ByteOrder.LITTLE_ENDIAN);
            bytes.asIntBuffer().put(words);
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes.array()));
        }
    }
}
