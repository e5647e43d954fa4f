package org.quantado.kernels.matmul.gpu;

import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.WorkerGrid;
import uk.ac.manchester.tornado.api.WorkerGrid3D;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/**
 * The product for single rows of x, where a weight is read for one multiplication.
 *
 * <p>A team of work-items makes four neighbouring elements of y: its members read neighbouring words of four rows of the
 * weight, and multiply all four with what they read of x. The teams of a work-group share x and the table in local memory.
 */
final class GpuRows {
    /** Work-items of a work-group: four warps. */
    static final int ITEMS = 128;

    /** Columns of x in local memory, which are 8 KB: devices have 32 at least, and several work-groups share them. */
    static final int CHUNK = 2048;

    /** A chunk, and what keeps its columns of words in different banks: 32 / codesPerWord elements after each. */
    private static final int CHUNK_SPACE = CHUNK + 32;

    /** Elements of y that a team makes. */
    private static final int TOGETHER = 4;

    /** Fewest members of a team: a warp, which reads whole lines of memory. */
    private static final int SMALLEST_TEAM = 32;

    private GpuRows() {
    }

    /** Work-groups that make y without a split, of the largest teams. */
    static int groups(int outputs, int capacity) {
        return groups(outputs, capacity, ITEMS);
    }

    /**
     * Work-groups of the smallest teams, so that x is brought to local memory the fewest times, that still are enough.
     *
     * @param capacity of rows
     * @param splits of K
     * @param workItems that are enough
     */
    static WorkerGrid grid(int outputs, int capacity, int splits, int workItems) {
        int team = SMALLEST_TEAM;
        while (team < ITEMS && groups(outputs, capacity, team) < workItems / ITEMS) {
            team *= 2;
        }
        int teams = ITEMS / team;
        WorkerGrid grid = new WorkerGrid3D(Math.multiplyExact(groups(outputs, capacity, team), team), teams, splits);
        grid.setLocalWork(team, teams, 1);
        return grid;
    }

    private static int groups(int outputs, int capacity, int team) {
        return Math.multiplyExact(Math.ceilDiv(outputs, TOGETHER * (ITEMS / team)), capacity);
    }

    /**
     * {@code sums[s,m,n] = sum_k x[m,k] * w[r,k]} over the columns of split s, with row r the n-th of the weight's block,
     * and with {@code bias[r]} in the first split.
     *
     * <p>Work-groups that read the same rows of the weight are neighbours. In local memory, the j-th column of word i of a
     * chunk is at {@code j * pitch + i}: work-items read neighbours, and fill in what lies in different banks. Words are read
     * a turn before they are needed, so that they come while x is brought in or multiplied.
     *
     * @param x {@code [M, K]}
     * @param words {@code [E * N, ceil(K / codesPerWord)]}, E blocks of the weight
     * @param table {@code [tableSize]}, a power of two of values
     * @param scales {@code [E * N, ceil(K / groupSize)]}
     * @param zeros as {@code scales} if {@code hasZeros} is 1, else not read
     * @param bias {@code [E * N]}
     * @param sums {@code [splits, capacity, N]}
     * @param shape M and N
     * @param blocks {@code [M]}, the block of the weight for each row
     * @param sizes of {@link ColumnSplit#sizes}
     */
    static void multiplyRows(KernelContext context, FloatArray x, IntArray words, FloatArray table, FloatArray scales,
            FloatArray zeros, FloatArray bias, FloatArray sums, IntArray shape, IntArray blocks, IntArray sizes,
            int codesPerWord, int wordsPerGroup, int tableSize, int hasZeros) {
        float[] values = context.allocateFloatLocalArray(GpuWords.LOCAL_TABLE);
        float[] xs = context.allocateFloatLocalArray(CHUNK_SPACE);
        int lane = context.localIdx;
        int lanes = context.localGroupSizeX;
        int item = context.localIdy * lanes + lane;
        int inputs = sizes.get(0);
        int splitColumns = sizes.get(1);
        int capacity = sizes.get(2);
        int outputs = shape.get(1);
        int m = context.groupIdx % capacity;
        int n = (context.groupIdx / capacity * context.localGroupSizeY + context.localIdy) * TOGETHER;
        int firstColumn = context.groupIdz * splitColumns;
        int lastColumn = Math.min(inputs, firstColumn + splitColumns);
        int toWrite = Math.min(TOGETHER, outputs - n);
        int block = blocks.get(m) * outputs;
        if (m >= shape.get(0)) {
            lastColumn = firstColumn;
            toWrite = 0;
            block = 0;
        }
        int codeBits = 32 / codesPerWord;
        int codeMask = tableSize - 1;
        int wordsPerRow = (inputs + codesPerWord - 1) / codesPerWord;
        int groupsPerRow = (wordsPerRow + wordsPerGroup - 1) / wordsPerGroup;
        int chunkWords = CHUNK / codesPerWord;
        int pitch = chunkWords + 32 / codesPerWord;
        int place = (item & (codesPerWord - 1)) * pitch + item / codesPerWord;
        for (int code = item; code < Math.min(tableSize, GpuWords.LOCAL_TABLE); code += ITEMS) {
            values[code] = table.get(code);
        }
        int row0 = block + Math.min(n, outputs - 1);
        int row1 = block + Math.min(n + 1, outputs - 1);
        int row2 = block + Math.min(n + 2, outputs - 1);
        int row3 = block + Math.min(n + 3, outputs - 1);
        int w = firstColumn / codesPerWord + lane;
        int next = Math.min(w, wordsPerRow - 1);
        int word0 = words.get(row0 * wordsPerRow + next);
        int word1 = words.get(row1 * wordsPerRow + next);
        int word2 = words.get(row2 * wordsPerRow + next);
        int word3 = words.get(row3 * wordsPerRow + next);
        float sum0 = 0.0f;
        float sum1 = 0.0f;
        float sum2 = 0.0f;
        float sum3 = 0.0f;
        for (int chunk = firstColumn; chunk < lastColumn; chunk += CHUNK) {
            for (int i = 0; i < CHUNK / ITEMS; i++) {
                int k = chunk + i * ITEMS + item;
                float activation = 0.0f;
                if (k < lastColumn) {
                    activation = x.get(m * inputs + k);
                }
                xs[place + i * (ITEMS / codesPerWord)] = activation;
            }
            context.localBarrier();
            int chunkWord = chunk / codesPerWord;
            int lastWord = Math.min(chunkWord + chunkWords, (lastColumn + codesPerWord - 1) / codesPerWord);
            while (w < lastWord) {
                int group = w / wordsPerGroup;
                float zero0 = 0.0f;
                float zero1 = 0.0f;
                float zero2 = 0.0f;
                float zero3 = 0.0f;
                if (hasZeros == 1) {
                    zero0 = zeros.get(row0 * groupsPerRow + group);
                    zero1 = zeros.get(row1 * groupsPerRow + group);
                    zero2 = zeros.get(row2 * groupsPerRow + group);
                    zero3 = zeros.get(row3 * groupsPerRow + group);
                }
                next = Math.min(w + lanes, wordsPerRow - 1);
                int next0 = words.get(row0 * wordsPerRow + next);
                int next1 = words.get(row1 * wordsPerRow + next);
                int next2 = words.get(row2 * wordsPerRow + next);
                int next3 = words.get(row3 * wordsPerRow + next);
                int kept = GpuWords.mask(inputs, w, codesPerWord);
                word0 = word0 & kept;
                word1 = word1 & kept;
                word2 = word2 & kept;
                word3 = word3 & kept;
                float dot0 = 0.0f;
                float dot1 = 0.0f;
                float dot2 = 0.0f;
                float dot3 = 0.0f;
                int at = w - chunkWord;
                for (int j = 0; j < codesPerWord; j++) {
                    int code0 = (word0 >> (j * codeBits)) & codeMask;
                    int code1 = (word1 >> (j * codeBits)) & codeMask;
                    int code2 = (word2 >> (j * codeBits)) & codeMask;
                    int code3 = (word3 >> (j * codeBits)) & codeMask;
                    float value0;
                    float value1;
                    float value2;
                    float value3;
                    if (tableSize <= GpuWords.LOCAL_TABLE) {
                        value0 = values[code0];
                        value1 = values[code1];
                        value2 = values[code2];
                        value3 = values[code3];
                    } else {
                        value0 = table.get(code0);
                        value1 = table.get(code1);
                        value2 = table.get(code2);
                        value3 = table.get(code3);
                    }
                    float activation = xs[at + j * pitch];
                    dot0 += (value0 - zero0) * activation;
                    dot1 += (value1 - zero1) * activation;
                    dot2 += (value2 - zero2) * activation;
                    dot3 += (value3 - zero3) * activation;
                }
                sum0 += dot0 * scales.get(row0 * groupsPerRow + group);
                sum1 += dot1 * scales.get(row1 * groupsPerRow + group);
                sum2 += dot2 * scales.get(row2 * groupsPerRow + group);
                sum3 += dot3 * scales.get(row3 * groupsPerRow + group);
                word0 = next0;
                word1 = next1;
                word2 = next2;
                word3 = next3;
                w += lanes;
            }
            context.localBarrier();
        }

        xs[item] = sum0;
        xs[item + ITEMS] = sum1;
        xs[item + 2 * ITEMS] = sum2;
        xs[item + 3 * ITEMS] = sum3;
        for (int stride = lanes / 2; stride > 0; stride = stride / 2) {
            context.localBarrier();
            if (lane < stride) {
                for (int r = 0; r < TOGETHER; r++) {
                    xs[item + r * ITEMS] = xs[item + r * ITEMS] + xs[item + r * ITEMS + stride];
                }
            }
        }
        context.localBarrier();
        if (lane < toWrite) {
            float first = 0.0f;
            if (firstColumn == 0) {
                first = bias.get(block + n + lane);
            }
            sums.set((context.groupIdz * capacity + m) * outputs + n + lane, first + xs[item - lane + lane * ITEMS]);
        }
    }
}
