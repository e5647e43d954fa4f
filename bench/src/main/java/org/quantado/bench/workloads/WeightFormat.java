package org.quantado.bench.workloads;

import java.util.SplittableRandom;

import org.quantado.kernels.codec.E2M1;
import org.quantado.kernels.codec.E4M3;
import org.quantado.kernels.matmul.QuantizedMatrix;

import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/** Formats of weights that are measured. */
public enum WeightFormat {
    MXFP4(4, 32, Byte.BYTES, "MXFP4A16"), NVFP4(4, 16, Byte.BYTES, "NVFP4A16"), INT4_G128(4, 128, Short.BYTES,
            "W4A16"), MXFP8(8, 32, Byte.BYTES, "MXFP8A16"),
    /** One scale per row. */
    INT8_CHANNEL(8, Integer.MAX_VALUE, Short.BYTES, "W8A16");

    private final int bits;
    private final int groupSize;
    private final int scaleBytes;
    private final String preset;

    WeightFormat(int bits, int groupSize, int scaleBytes, String preset) {
        this.bits = bits;
        this.groupSize = groupSize;
        this.scaleBytes = scaleBytes;
        this.preset = preset;
    }

    /** The name of the preset whose checkpoints have such weights. */
    public String preset() {
        return preset;
    }

    /** Bytes of codes and scales that a checkpoint holds for a weight {@code [outputs, inputs]}. */
    public long checkpointBytes(int outputs, int inputs) {
        long groups = QuantizedMatrix.groups(inputs, Math.min(groupSize, inputs));
        return outputs * ((long) inputs * bits / Byte.SIZE + groups * scaleBytes);
    }

    /** A weight of random codes, with scales near 2^-10. */
    public QuantizedMatrix random(int outputs, int inputs, long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        int size = Math.min(groupSize, inputs);
        IntArray words = new IntArray(outputs * QuantizedMatrix.wordsPerRow(inputs, bits));
        for (int i = 0; i < words.getSize(); i++) {
            words.set(i, withoutNan(random.nextInt()));
        }
        FloatArray scales = new FloatArray(outputs * QuantizedMatrix.groups(inputs, size));
        for (int i = 0; i < scales.getSize(); i++) {
            scales.set(i, (1 + random.nextInt(8)) * 0x1p-12f);
        }
        return new QuantizedMatrix(outputs, inputs, bits, words, table(), size, scales, new FloatArray(1));
    }

    /** E4M3's codes of NaN have all lower bits set; without the lowest they are the largest numbers. */
    private int withoutNan(int word) {
        return this == MXFP8 ? word & 0xFEFEFEFE : word;
    }

    private FloatArray table() {
        return switch (this) {
            case MXFP4, NVFP4 -> E2M1.table();
            case MXFP8 -> E4M3.table();
            case INT4_G128, INT8_CHANNEL -> {
                FloatArray table = new FloatArray(1 << bits);
                for (int code = 0; code < table.getSize(); code++) {
                    table.set(code, code - (1 << (bits - 1)));
                }
                yield table;
            }
        };
    }
}
