package org.quantado.schemes.dialect;

import java.util.Set;

import org.quantado.kernels.codec.Int32Packing;
import org.quantado.schemes.checkpoint.DType;
import org.quantado.schemes.checkpoint.Tensor;
import org.quantado.schemes.config.JsonField;

/**
 * GPTQ's words: those of {@code qweight} {@code [K*bits/32, N]} run along K, those of {@code qzeros} along N, code after
 * code from the lowest bits without gaps. Turned, they are those of compressed-tensors.
 *
 * @param zeroOffset what is added to a stored zero point, which wraps around
 */
record GptqPacking(int zeroOffset) implements IntegerPacking {
    /** Of {@code checkpoint_format} gptq: zero points were stored less one. */
    static final GptqPacking V1 = new GptqPacking(1);
    /** Of {@code checkpoint_format} gptq_v2. */
    static final GptqPacking V2 = new GptqPacking(0);

    /** Other widths are packed in another way. */
    private static final Set<Integer> WIDTHS = Set.of(2, 3, 4, 8);

    /** The packing that a {@code checkpoint_format} names; the first where it is absent. */
    static GptqPacking read(JsonField field) {
        return field.optional().map(format -> switch (format.string()) {
            case "gptq" -> V1;
            case "gptq_v2" -> V2;
            default -> throw format.refuse("gptq or gptq_v2");
        }).orElse(V1);
    }

    @Override
    public IntegerFormat requireBits(JsonField config, IntegerFormat format) {
        if (!WIDTHS.contains(format.bits())) {
            throw config.get(IntegerFormat.BITS).refuse("2, 3, 4 or 8");
        }
        return format;
    }

    @Override
    public long outputs(Tensor qweight, int bits) {
        long outputs = qweight.shape().dimension(1);
        if (outputs * bits % Integer.SIZE != 0) {
            throw qweight.error(outputs + " outputs",
                    "a number whose zero points fill whole words of " + bits + " bits");
        }
        return outputs;
    }

    @Override
    public long inputs(Tensor qweight, int bits) {
        long words = qweight.shape().dimension(0);
        if (words * Integer.SIZE % bits != 0) {
            throw qweight.error(words + " rows of words", "words that hold whole codes of " + bits + " bits");
        }
        return words * Integer.SIZE / bits;
    }

    @Override
    public boolean hasShortGroups() {
        return true;
    }

    @Override
    public Tensor codes(Tensor qweight) {
        return qweight.transposed();
    }

    @Override
    public Tensor zeroPoints(Tensor qzeros, int bits) {
        return (zeroOffset == 0 ? qzeros : offset(qzeros, bits)).transposed();
    }

    private Tensor offset(Tensor qzeros, int bits) {
        return qzeros.derived(DType.I32, qzeros.shape(), () -> {
            Int32Packing packing = new Int32Packing(bits, Int32Packing.Layout.DENSE);
            int groups = (int) qzeros.shape().dimension(0);
            int outputs = (int) (qzeros.shape().dimension(1) * Integer.SIZE / bits);
            byte[] zeros = packing.unpackColumns(qzeros.toInts(), groups, outputs);
            int largest = (1 << (bits - 1)) - 1;
            for (int i = 0; i < zeros.length; i++) {
                zeros[i] = (byte) (zeros[i] == largest ? -largest - 1 : zeros[i] + zeroOffset);
            }
            return Computed.littleEndian(packing.packColumns(zeros, groups, outputs));
        });
    }
}
