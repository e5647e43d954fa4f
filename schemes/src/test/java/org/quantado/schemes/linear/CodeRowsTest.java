package org.quantado.schemes.linear;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Optional;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.quantado.kernels.codec.Int32Packing;
import org.quantado.kernels.matmul.QuantizedMatrix;
import org.quantado.schemes.checkpoint.CheckpointException;
import org.quantado.schemes.checkpoint.DType;
import org.quantado.schemes.checkpoint.SafetensorsFile;
import org.quantado.schemes.checkpoint.SafetensorsLayout;
import org.quantado.schemes.checkpoint.SafetensorsWriter;
import org.quantado.schemes.checkpoint.Shape;
import org.quantado.schemes.linear.CodeLayout.Nibbles;
import org.quantado.schemes.linear.CodeLayout.PackedWords;
import org.quantado.schemes.linear.CodeLayout.SignedBytes;

/** Codes of every layout come into the words of the kernels one after another, and zeros after them. */
class CodeRowsTest {
    private static final int ROWS = 67;

    @TempDir
    private Path folder;

    private static Stream<Arguments> layouts() {
        return IntStream.of(1, 2, 16, 35, 96).boxed().flatMap(inputs -> Stream.concat(
                IntStream.rangeClosed(2, 8).boxed().flatMap(bits -> Stream.of(
                        Arguments.of(new PackedWords(bits, Optional.empty()), Int32Packing.Layout.DENSE, inputs),
                        Arguments.of(new PackedWords(bits, Optional.empty()), recognizable(bits, inputs), inputs),
                        Arguments.of(new SignedBytes(bits), null, inputs))),
                Stream.of(Arguments.of(new CodeLayout.Float8(), null, inputs),
                        Arguments.of(new Nibbles(Nibbles.Values.FLOATS), null, inputs))));
    }

    /** Rows so short that both layouts have as many words are taken to be dense. */
    private static Int32Packing.Layout recognizable(int bits, int inputs) {
        Int32Packing.Layout padded = Int32Packing.Layout.PADDED;
        boolean differs = new Int32Packing(bits, padded).words(inputs) != new Int32Packing(bits,
                Int32Packing.Layout.DENSE).words(inputs);
        return differs ? padded : Int32Packing.Layout.DENSE;
    }

    @ParameterizedTest
    @MethodSource("layouts")
    void everyLayout(CodeLayout layout, Int32Packing.Layout packing, int inputs) throws IOException {
        byte[] codes = new byte[ROWS * inputs];
        new Random(inputs).nextBytes(codes);
        for (int i = 0; i < codes.length; i++) {
            codes[i] &= (byte) ((1 << layout.bits()) - 1);
        }
        int fittest = QuantizedMatrix.codeBitsFor(layout.bits(), inputs, inputs);
        for (int codeBits = fittest; codeBits <= Integer.SIZE; codeBits *= 2) {
            check(layout, packing, inputs, codes, codeBits);
        }
    }

    private void check(CodeLayout layout, Int32Packing.Layout packing, int inputs, byte[] codes, int codeBits)
            throws IOException {
        int wordsPerRow = QuantizedMatrix.wordsPerRow(inputs, codeBits);
        int[] words = new int[ROWS * wordsPerRow];
        int[] one = new int[wordsPerRow];
        Arrays.fill(one, -1);
        try (SafetensorsFile file = write(stored(layout, packing, inputs, codes), layout)) {
            int columns = (int) file.tensor("codes").shape().dimension(1);
            CodeRows.Reader reader = new CodeRows(layout,
                    new TensorSlice(file.tensor("codes"), Span.of(ROWS), Span.of(columns), columns), inputs, codeBits,
                    Optional.empty()).reader();
            for (int row = 0; row < ROWS; row++) {
                reader.read(row, one);
                System.arraycopy(one, 0, words, row * wordsPerRow, wordsPerRow);
            }
        }
        int codesPerWord = QuantizedMatrix.codesPerWord(codeBits);
        for (int row = 0; row < ROWS; row++) {
            for (int k = 0; k < wordsPerRow * codesPerWord; k++) {
                int word = words[row * wordsPerRow + k / codesPerWord];
                long field = Integer.toUnsignedLong(word) >>> (k % codesPerWord * codeBits) & ((1L << codeBits) - 1);
                assertThat(field).as("row %d, column %d, %d bits", row, k, codeBits)
                        .isEqualTo(k < inputs ? Byte.toUnsignedInt(codes[row * inputs + k]) : 0);
            }
        }
    }

    private static MemorySegment stored(CodeLayout layout, Int32Packing.Layout packing, int inputs, byte[] codes) {
        byte[] bytes = codes.clone();
        if (layout instanceof CodeLayout.Float8) {
            return MemorySegment.ofArray(bytes);
        }
        if (layout instanceof Nibbles) {
            int pairs = Math.ceilDiv(inputs, 2);
            byte[] packed = new byte[ROWS * pairs];
            for (int i = 0; i < codes.length; i++) {
                packed[i / inputs * pairs + i % inputs / 2] |= (byte) (codes[i] << (i % inputs % 2 * 4));
            }
            return MemorySegment.ofArray(packed);
        }
        for (int i = 0; i < bytes.length; i++) {
            bytes[i] -= (byte) (1 << (layout.bits() - 1));
        }
        return packing == null
                ? MemorySegment.ofArray(bytes)
                : MemorySegment.ofArray(new Int32Packing(layout.bits(), packing).packColumns(bytes, ROWS, inputs));
    }

    private SafetensorsFile write(MemorySegment bytes, CodeLayout layout) throws IOException {
        DType dtype = layout.parameters().getFirst().dtypes().getFirst();
        long columns = bytes.byteSize() / ROWS / dtype.byteSize(1);
        Path path = folder.resolve("codes.safetensors");
        try (SafetensorsWriter writer = SafetensorsWriter.createOrReplace(path,
                new SafetensorsLayout().tensor("codes", dtype, Shape.of(ROWS, columns)))) {
            writer.write("codes", bytes);
            writer.commit();
        }
        return SafetensorsFile.open(path);
    }

    @Test
    void bytesThatAreNoCodesAreRefused() throws IOException {
        for (byte wrong : new byte[]{-9, 8, -128, 127}) {
            byte[] bytes = new byte[ROWS * 3];
            bytes[5 * 3 + 1] = wrong;
            SignedBytes layout = new SignedBytes(4);
            try (SafetensorsFile file = write(MemorySegment.ofArray(bytes), layout)) {
                CodeRows.Reader reader = new CodeRows(layout,
                        new TensorSlice(file.tensor("codes"), Span.of(ROWS), Span.of(3), 3), 3, 4, Optional.empty())
                        .reader();
                reader.read(4, new int[1]);
                assertThatThrownBy(() -> reader.read(5, new int[1])).isInstanceOf(CheckpointException.class)
                        .hasMessageContaining("element [5, 1] is " + wrong)
                        .hasMessageContaining("a 4-bit integer, -8 to 7");
            }
        }
    }
}
