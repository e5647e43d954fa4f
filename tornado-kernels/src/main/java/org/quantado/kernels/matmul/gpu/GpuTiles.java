package org.quantado.kernels.matmul.gpu;

import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.WorkerGrid;
import uk.ac.manchester.tornado.api.WorkerGrid3D;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/**
 * The product for blocks of rows of x, whose time is that of the multiplications.
 *
 * <p>A work-group makes a tile of y, a block of rows high and 64 columns wide, from 32 columns of x and of the weight at a
 * time. It holds these in local memory, so that each weight is decoded once for all rows of the block; a work-item makes a
 * patch of 4 x 4 in registers, so that what it reads of local memory serves four products.
 */
final class GpuTiles {
    /** Fewest columns of a split: 16 steps, so that the sums that it writes are few against the products. */
    static final int LEAST_COLUMNS = 512;

    /** Columns of y in a tile. */
    private static final int WIDTH = 64;

    /** Side of a patch. */
    private static final int PATCH = 4;

    /** Patches beside each other in a tile. */
    private static final int ACROSS = WIDTH / PATCH;

    /** Columns of x and the weight that are in local memory at a time. */
    private static final int STEP = 32;

    /** Columns that a work-item decodes at a time: a word of 4-bit codes. */
    private static final int PIECE = 8;

    /**
     * Elements of local memory from one column to the next: a multiple of 4, so that the four of a patch can be read at
     * once, and not of the number of banks.
     */
    private static final int PITCH = WIDTH + PATCH;

    /** Columns whose products follow each other without a jump. */
    private static final int UNROLLED = 4;

    private GpuTiles() {
    }

    /** Work-items of a work-group for blocks of so many rows. */
    static int items(int blockRows) {
        return blockRows / PATCH * ACROSS;
    }

    /** Work-groups that make y without a split. */
    static int groups(int outputs, int capacity, int blockRows) {
        return Math.multiplyExact(Math.ceilDiv(outputs, WIDTH), Math.ceilDiv(capacity, blockRows));
    }

    static WorkerGrid grid(int outputs, int capacity, int blockRows, int splits) {
        int down = blockRows / PATCH;
        WorkerGrid grid = new WorkerGrid3D(Math.ceilDiv(outputs, WIDTH) * ACROSS,
                Math.ceilDiv(capacity, blockRows) * down, splits);
        grid.setLocalWork(ACROSS, down, 1);
        return grid;
    }

    /**
     * {@code sums[s,m,n]} as {@link GpuRows#multiplyRows} makes it, with the same arguments but for {@code blocks}, which
     * has an element for each block of 16 or 64 rows.
     */
    static void multiplyTiles(KernelContext context, FloatArray x, IntArray words, FloatArray table, FloatArray scales,
            FloatArray zeros, FloatArray bias, FloatArray sums, IntArray shape, IntArray blocks, IntArray sizes,
            int codesPerWord, int wordsPerGroup, int tableSize, int hasZeros) {
        float[] values = context.allocateFloatLocalArray(GpuWords.LOCAL_TABLE);
        float[] xs = context.allocateFloatLocalArray(STEP * PITCH);
        float[] ws = context.allocateFloatLocalArray(STEP * PITCH);
        int across = context.localIdx;
        int down = context.localIdy;
        int item = down * ACROSS + across;
        int items = context.localGroupSizeY * ACROSS;
        int inputs = sizes.get(0);
        int splitColumns = sizes.get(1);
        int capacity = sizes.get(2);
        int rows = shape.get(0);
        int outputs = shape.get(1);
        int firstM = context.groupIdy * context.localGroupSizeY * PATCH;
        int firstN = context.groupIdx * WIDTH;
        int firstColumn = context.groupIdz * splitColumns;
        int lastColumn = Math.min(inputs, firstColumn + splitColumns);
        if (firstM >= rows) {
            lastColumn = firstColumn;
        }
        int codeBits = 32 / codesPerWord;
        int codeMask = tableSize - 1;
        int wordsPerRow = (inputs + codesPerWord - 1) / codesPerWord;
        int groupsPerRow = (wordsPerRow + wordsPerGroup - 1) / wordsPerGroup;
        int block = blocks.get(context.groupIdy) * outputs;
        int codesAtOnce = Math.min(codesPerWord, PIECE);
        for (int code = item; code < Math.min(tableSize, GpuWords.LOCAL_TABLE); code += items) {
            values[code] = table.get(code);
        }
        context.localBarrier();
        float sum00 = 0.0f;
        float sum01 = 0.0f;
        float sum02 = 0.0f;
        float sum03 = 0.0f;
        float sum10 = 0.0f;
        float sum11 = 0.0f;
        float sum12 = 0.0f;
        float sum13 = 0.0f;
        float sum20 = 0.0f;
        float sum21 = 0.0f;
        float sum22 = 0.0f;
        float sum23 = 0.0f;
        float sum30 = 0.0f;
        float sum31 = 0.0f;
        float sum32 = 0.0f;
        float sum33 = 0.0f;
        for (int step = firstColumn; step < lastColumn; step += STEP) {
            int column = item & (STEP - 1);
            for (int i = 0; i < PATCH * STEP / ACROSS; i++) {
                int line = item / STEP + i * (items / STEP);
                float activation = 0.0f;
                if (step + column < lastColumn) {
                    activation = x.get(Math.min(firstM + line, rows - 1) * inputs + step + column);
                }
                xs[column * PITCH + line] = activation;
            }
            for (int p = item; p < WIDTH * STEP / PIECE; p += items) {
                int line = p / (STEP / PIECE);
                int row = block + Math.min(firstN + line, outputs - 1);
                int first = (p & (STEP / PIECE - 1)) * PIECE;
                for (int v = 0; v < PIECE; v += codesAtOnce) {
                    int w = Math.min((step + first + v) / codesPerWord, wordsPerRow - 1);
                    int group = row * groupsPerRow + w / wordsPerGroup;
                    int word = words.get(row * wordsPerRow + w) & GpuWords.mask(inputs, w, codesPerWord);
                    int shift = ((first + v) & (codesPerWord - 1)) * codeBits;
                    float scale = scales.get(group);
                    float zero = 0.0f;
                    if (hasZeros == 1) {
                        zero = zeros.get(group);
                    }
                    for (int j = 0; j < codesAtOnce; j++) {
                        int code = (word >> (shift + j * codeBits)) & codeMask;
                        float value;
                        if (tableSize <= GpuWords.LOCAL_TABLE) {
                            value = values[code];
                        } else {
                            value = table.get(code);
                        }
                        ws[(first + v + j) * PITCH + line] = (value - zero) * scale;
                    }
                }
            }
            context.localBarrier();
            int xAt = down * PATCH;
            int wAt = across * PATCH;
            for (int k = 0; k < STEP; k += UNROLLED) {
                for (int i = 0; i < UNROLLED; i++) {
                    float x0 = xs[xAt + i * PITCH];
                    float x1 = xs[xAt + i * PITCH + 1];
                    float x2 = xs[xAt + i * PITCH + 2];
                    float x3 = xs[xAt + i * PITCH + 3];
                    float w0 = ws[wAt + i * PITCH];
                    float w1 = ws[wAt + i * PITCH + 1];
                    float w2 = ws[wAt + i * PITCH + 2];
                    float w3 = ws[wAt + i * PITCH + 3];
                    sum00 += x0 * w0;
                    sum01 += x0 * w1;
                    sum02 += x0 * w2;
                    sum03 += x0 * w3;
                    sum10 += x1 * w0;
                    sum11 += x1 * w1;
                    sum12 += x1 * w2;
                    sum13 += x1 * w3;
                    sum20 += x2 * w0;
                    sum21 += x2 * w1;
                    sum22 += x2 * w2;
                    sum23 += x2 * w3;
                    sum30 += x3 * w0;
                    sum31 += x3 * w1;
                    sum32 += x3 * w2;
                    sum33 += x3 * w3;
                }
                xAt += UNROLLED * PITCH;
                wAt += UNROLLED * PITCH;
            }
            context.localBarrier();
        }
        int m = firstM + down * PATCH;
        int n = firstN + across * PATCH;
        int target = (context.groupIdz * capacity + m) * outputs;
        int biased = 0;
        if (firstColumn == 0) {
            biased = 1;
        }
        write(sums, bias, target, block, n, outputs, rows - m, biased, sum00, sum01, sum02, sum03);
        write(sums, bias, target + outputs, block, n, outputs, rows - m - 1, biased, sum10, sum11, sum12, sum13);
        write(sums, bias, target + 2 * outputs, block, n, outputs, rows - m - 2, biased, sum20, sum21, sum22, sum23);
        write(sums, bias, target + 3 * outputs, block, n, outputs, rows - m - 3, biased, sum30, sum31, sum32, sum33);
    }

    /** Writes a row of a patch, where it is one of y. */
    private static void write(FloatArray sums, FloatArray bias, int target, int block, int n, int outputs, int rowsLeft,
            int biased, float sum0, float sum1, float sum2, float sum3) {
        int left = outputs - n;
        if (rowsLeft <= 0) {
            left = 0;
        }
        write(sums, bias, target + n, block + n, left, biased, sum0);
        write(sums, bias, target + n + 1, block + n + 1, left - 1, biased, sum1);
        write(sums, bias, target + n + 2, block + n + 2, left - 2, biased, sum2);
        write(sums, bias, target + n + 3, block + n + 3, left - 3, biased, sum3);
    }

    private static void write(FloatArray sums, FloatArray bias, int target, int row, int left, int biased, float sum) {
        if (left > 0) {
            float first = 0.0f;
            if (biased == 1) {
                first = bias.get(row);
            }
            sums.set(target, first + sum);
        }
    }
}
