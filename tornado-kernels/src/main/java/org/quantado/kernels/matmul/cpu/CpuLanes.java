package org.quantado.kernels.matmul.cpu;

import org.quantado.kernels.matmul.tiled.TileCode;

import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;
import uk.ac.manchester.tornado.api.types.collections.VectorFloat16;
import uk.ac.manchester.tornado.api.types.vectors.Float16;
import uk.ac.manchester.tornado.api.types.vectors.Int16;

/** What kernels of {@link CpuKernels} do with the lanes of vectors: straight-line code that TornadoVM inlines. */
final class CpuLanes {
    private CpuLanes() {
    }

    /** The signed integers of {@code width} bits that begin at bit {@code shift} of each lane. */
    static Float16 integer(Int16 word, int shift, int width) {
        Float16 values = new Float16();
        for (int i = 0; i < 16; i++) {
            values.set(i, (float) ((word.get(i) << (32 - width - shift)) >> (32 - width)));
        }
        return values;
    }

    static Int16 flip(Int16 word, int bits) {
        Int16 flipped = new Int16();
        for (int i = 0; i < 16; i++) {
            flipped.set(i, word.get(i) ^ bits);
        }
        return flipped;
    }

    /** The fields that begin at bit {@code shift} of each lane. */
    static Float16 decode(Int16 word, int shift, int digitBits, int amountBits) {
        Float16 values = new Float16();
        for (int i = 0; i < 16; i++) {
            int digit = (word.get(i) << (32 - digitBits - amountBits - shift)) >> (32 - digitBits);
            int amount = ((word.get(i) >> shift) << 2) & (((1 << amountBits) - 1) << 2);
            values.set(i, (float) (digit << amount));
        }
        return values;
    }

    /** {@code values - zero * factor}. */
    static Float16 less(Float16 values, Float16 zero, float factor) {
        return Float16.sub(values, Float16.mult(zero, splat(factor)));
    }

    /** {@code sum + scale * (even + odd)}. */
    static Float16 addGroup(Float16 sum, Float16 even, Float16 odd, Float16 scale) {
        return Float16.add(sum, Float16.mult(Float16.add(even, odd), scale));
    }

    static Float16 withoutZero(Float16 values, Float16 zero, int hasZeros) {
        Float16 differences = new Float16();
        for (int i = 0; i < 16; i++) {
            float value = values.get(i);
            if (hasZeros == 1) {
                value = value - zero.get(i);
            }
            differences.set(i, value);
        }
        return differences;
    }

    static Float16 add(Float16 a, Float16 b, Float16 c, Float16 d) {
        Float16 sums = new Float16();
        for (int i = 0; i < 16; i++) {
            sums.set(i, (a.get(i) + b.get(i)) + (c.get(i) + d.get(i)));
        }
        return sums;
    }

    /** The last field of a run of 5-bit codes that begins with word0, in the highest bits. */
    static Int16 evenSpare(Int16 word0, Int16 word1, Int16 word2) {
        Int16 spare = new Int16();
        for (int i = 0; i < 16; i++) {
            spare.set(i, (word0.get(i) << 30) | ((word1.get(i) << 28) & 0x30000000)
                    | ((word2.get(i) << 26) & 0x08000000));
        }
        return spare;
    }

    /** The last field of a run of 5-bit codes that begins in the middle of word2, in the highest bits. */
    static Int16 oddSpare(Int16 word2, Int16 word3, Int16 word4) {
        Int16 spare = new Int16();
        for (int i = 0; i < 16; i++) {
            spare.set(i, (word2.get(i) << 31) | ((word3.get(i) << 29) & 0x60000000)
                    | ((word4.get(i) << 27) & 0x18000000));
        }
        return spare;
    }

    /** The last field of a run of 10-bit codes, in the highest bits. */
    static Int16 tenSpare(Int16 word0, Int16 word1, Int16 word2, Int16 word3, Int16 word4) {
        Int16 spare = new Int16();
        for (int i = 0; i < 16; i++) {
            spare.set(i, (word0.get(i) << 30) | ((word1.get(i) << 28) & 0x30000000)
                    | ((word2.get(i) << 26) & 0x0C000000) | ((word3.get(i) << 24) & 0x03000000)
                    | ((word4.get(i) << 22) & 0x00C00000));
        }
        return spare;
    }

    /** {@code bits} bits of each lane of the word, from bit {@code shift} on, put below those of {@code spare}. */
    static Int16 append(Int16 spare, Int16 word, int shift, int bits) {
        Int16 appended = new Int16();
        for (int i = 0; i < 16; i++) {
            appended.set(i, (spare.get(i) << bits) | ((word.get(i) >> shift) & ((1 << bits) - 1)));
        }
        return appended;
    }

    static Int16 shiftRight(Int16 word, int bits) {
        Int16 shifted = new Int16();
        for (int i = 0; i < 16; i++) {
            shifted.set(i, word.get(i) >> bits);
        }
        return shifted;
    }

    static Float16 splat(float x) {
        return new Float16(x, x, x, x, x, x, x, x, x, x, x, x, x, x, x, x);
    }

    /** {@code sum + weight * x}, lane by lane: TornadoVM makes fused multiply-adds of scalars only. */
    static Float16 multiplyAdd(Float16 sum, Float16 weight, float x) {
        Float16 added = new Float16();
        for (int i = 0; i < 16; i++) {
            added.set(i, sum.get(i) + weight.get(i) * x);
        }
        return added;
    }

    /**
     * The integers in a field of each lane, less their zero points, times {@code 2^place}.
     *
     * @param flipped the word, with the bits of {@code signs} flipped
     * @param signs {@link TileCode#signsInside}
     * @param group whose zero point it is; a zero point that is loaded and not used keeps TornadoVM from compiling a kernel
     */
    static Float16 field(Int16 flipped, int place, int width, int signs, VectorFloat16 zeros, int group, int hasZeros) {
        Float16 weight = new Float16();
        for (int i = 0; i < 16; i++) {
            int mask = ((1 << width) - 1) << place;
            weight.set(i, (float) ((flipped.get(i) & mask) - (signs & mask)));
        }
        if (hasZeros == 1) {
            weight = less(weight, zeros.get(group), (float) (1 << place));
        }
        return weight;
    }

    /** Adds the products of the field at {@code place} and the one above it. */
    static Float16 twoFields(Float16 sum, Int16 flipped, int place, int width, int signs, VectorFloat16 zeros,
            int group, int hasZeros, FloatArray x, int at) {
        return multiplyAdd(sum, field(flipped, place, width, signs, zeros, group, hasZeros),
                field(flipped, place + width, width, signs, zeros, group, hasZeros), x, at, 1);
    }

    static Float16 threeFields(Float16 sum, Int16 flipped, int place, int width, int signs, VectorFloat16 zeros,
            int group, int hasZeros, FloatArray x, int at) {
        Float16 two = twoFields(sum, flipped, place, width, signs, zeros, group, hasZeros, x, at);
        return multiplyAdd(two, field(flipped, place + 2 * width, width, signs, zeros, group, hasZeros),
                x.get(at + 2));
    }

    static Float16 multiplyAdd(Float16 sum, Float16 weight0, Float16 weight1, FloatArray x, int at, int stride) {
        return multiplyAdd(multiplyAdd(sum, weight0, x.get(at)), weight1, x.get(at + stride));
    }

    static Float16 multiplyAdd(Float16 sum, Float16 weight0, Float16 weight1, Float16 weight2, FloatArray x,
            int at, int stride) {
        Float16 first = multiplyAdd(sum, weight0, x.get(at));
        Float16 second = multiplyAdd(first, weight1, x.get(at + stride));
        return multiplyAdd(second, weight2, x.get(at + 2 * stride));
    }

    static Float16 multiplyAdd(Float16 sum, Float16 weight0, Float16 weight1, Float16 weight2, Float16 weight3,
            FloatArray x, int at, int stride) {
        Float16 three = multiplyAdd(sum, weight0, weight1, weight2, x, at, stride);
        return multiplyAdd(three, weight3, x.get(at + 3 * stride));
    }

    /**
     * Writes a row of a tile. What is beyond the last row or column is written to the last one, before that: lanes, and
     * the rows of a block, come from last to first. Branches would be 256 in a kernel.
     */
    static void store(FloatArray y, int m, int firstOutput, IntArray shape, Float16 sum) {
        int row = Math.min(m, shape.get(0) - 1) * shape.get(1);
        for (int i = 0; i < 16; i++) {
            y.set(row + Math.min(firstOutput + 15 - i, shape.get(1) - 1), sum.get(15 - i));
        }
    }
}
