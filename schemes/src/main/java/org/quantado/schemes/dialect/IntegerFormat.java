package org.quantado.schemes.dialect;

import org.quantado.schemes.config.JsonField;
import org.quantado.schemes.config.QuantizationArgs;
import org.quantado.schemes.config.QuantizationType;

/**
 * How the weight of a layer became integers.
 *
 * @param bits of a code
 * @param groupSize inputs that share a scale, the last ones perhaps fewer; {@value #CHANNEL} for all
 * @param symmetric whether every zero point is the middle of the codes
 * @param ordered whether {@code g_idx} says which group an input is of
 */
record IntegerFormat(int bits, int groupSize, boolean symmetric, boolean ordered) {
    static final String BITS = "bits";
    static final String GROUP_SIZE = "group_size";
    static final String SYMMETRIC = "sym";
    static final String ORDERED = "desc_act";

    private static final int CHANNEL = -1;

    IntegerFormat {
        ordered &= groupSize != CHANNEL;
    }

    /**
     * What the fields of a config say, which must have bits and group size. Symmetry and natural order, where nothing is
     * said, are checked against the tensors.
     */
    static IntegerFormat read(JsonField config) {
        return new IntegerFormat(config.get(BITS).integer(), groupSize(config.get(GROUP_SIZE)), true, false)
                .with(config);
    }

    /** The same with zero points. */
    IntegerFormat withZeroPoints() {
        return new IntegerFormat(bits, groupSize, false, ordered);
    }

    /** What the fields of a config say; what they leave out is as here. */
    IntegerFormat with(JsonField config) {
        return new IntegerFormat(config.get(BITS).optional().map(JsonField::integer).orElse(bits),
                config.get(GROUP_SIZE).optional().map(IntegerFormat::groupSize).orElse(groupSize),
                config.get(SYMMETRIC).optional().map(JsonField::bool).orElse(symmetric),
                config.get(ORDERED).optional().map(JsonField::bool).orElse(ordered));
    }

    private static int groupSize(JsonField field) {
        int size = field.integer();
        if (size < 1 && size != CHANNEL) {
            throw field.refuse("a positive size, or " + CHANNEL + " for all inputs");
        }
        return size;
    }

    /** How many groups so many inputs have. */
    long groups(long inputs) {
        return groupSize == CHANNEL ? 1 : Math.ceilDiv(inputs, groupSize);
    }

    /**
     * The same weight in groups that all have one size: where the last one has fewer inputs, its scale and those of the
     * others stand for several smaller groups.
     */
    IntegerFormat inWholeGroups(long inputs) {
        boolean whole = groupSize == CHANNEL || ordered || inputs % groupSize == 0;
        return whole ? this : new IntegerFormat(bits, groupSizeFor(inputs), symmetric, false);
    }

    private int groupSizeFor(long inputs) {
        return inputs < groupSize ? CHANNEL : (int) divisor(inputs, groupSize);
    }

    /** The largest number that divides both. */
    static long divisor(long a, long b) {
        return b == 0 ? a : divisor(b, a % b);
    }

    /** As compressed-tensors says it. */
    QuantizationArgs args() {
        QuantizationArgs perTensor = QuantizationArgs.perTensor(bits, QuantizationType.INT);
        QuantizationArgs args = groupSize == CHANNEL ? perTensor.perChannel() : perTensor.perGroup(groupSize);
        QuantizationArgs withZeros = symmetric ? args : args.asymmetric();
        return ordered ? withZeros.orderedByActivations() : withZeros;
    }
}
