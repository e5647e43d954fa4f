package org.quantado.schemes.quantize;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.quantado.kernels.codec.Int32Packing;
import org.quantado.kernels.codec.Nibbles;
import org.quantado.schemes.checkpoint.DType;
import org.quantado.schemes.checkpoint.LittleEndian;

/** How a checkpoint holds the codes of a weight {@code [N, K]}, row by row. */
sealed interface CodeStore {
    /** Last part of the tensor's name. */
    String name();

    /** Type of its elements. */
    DType dtype();

    /** Elements of a row of K codes. */
    int columns(int codes);

    /**
     * Writes the codes of a row.
     *
     * @param codes {@code [K]}
     * @param row the bytes of the row in the tensor
     */
    void write(byte[] codes, MemorySegment row);

    /** One code to a byte. */
    record Bytes(DType dtype) implements CodeStore {
        @Override
        public String name() {
            return "weight";
        }

        @Override
        public int columns(int codes) {
            return codes;
        }

        @Override
        public void write(byte[] codes, MemorySegment row) {
            MemorySegment.copy(codes, 0, row, ValueLayout.JAVA_BYTE, 0, codes.length);
        }
    }

    /** Two codes to a byte. */
    record Pairs() implements CodeStore {
        @Override
        public String name() {
            return "weight_packed";
        }

        @Override
        public DType dtype() {
            return DType.U8;
        }

        @Override
        public int columns(int codes) {
            return codes / 2;
        }

        @Override
        public void write(byte[] codes, MemorySegment row) {
            byte[] packed = Nibbles.pack(codes, codes.length);
            MemorySegment.copy(packed, 0, row, ValueLayout.JAVA_BYTE, 0, packed.length);
        }
    }

    /** Integers in words of 32 bits, without gaps. */
    record Words(Int32Packing packing) implements CodeStore {
        static Words of(int bits) {
            return new Words(new Int32Packing(bits, Int32Packing.Layout.DENSE));
        }

        @Override
        public String name() {
            return "weight_packed";
        }

        @Override
        public DType dtype() {
            return DType.I32;
        }

        @Override
        public int columns(int codes) {
            return packing.words(codes);
        }

        @Override
        public void write(byte[] codes, MemorySegment row) {
            int[] packed = packing.packColumns(codes, 1, codes.length);
            MemorySegment.copy(packed, 0, row, LittleEndian.INT, 0, packed.length);
        }
    }
}
