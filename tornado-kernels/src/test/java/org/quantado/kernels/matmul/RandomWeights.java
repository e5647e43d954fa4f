package org.quantado.kernels.matmul;

import java.util.Random;

import org.quantado.kernels.codec.E2M1;

import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/** Weights and activations drawn from one seed. */
public final class RandomWeights {
    private static final int GROUP_SIZE = 32;
    private static final int CODE_BITS = 4;

    private final Random random;

    public RandomWeights(long seed) {
        this.random = new Random(seed);
    }

    /** Standard normal values. */
    public FloatArray floats(int size) {
        FloatArray floats = new FloatArray(size);
        for (int i = 0; i < size; i++) {
            floats.set(i, (float) random.nextGaussian());
        }
        return floats;
    }

    /** E2M1 codes in groups of 32, with biases. */
    public ExpertMatrix e2m1(int experts, int outputs, int inputs) {
        int rows = experts * outputs;
        IntArray words = new IntArray(rows * QuantizedMatrix.wordsPerRow(inputs, CODE_BITS));
        for (int i = 0; i < words.getSize(); i++) {
            words.set(i, random.nextInt());
        }
        QuantizedMatrix matrix = new QuantizedMatrix(rows, inputs, CODE_BITS, words, E2M1.table(), GROUP_SIZE,
                floats(rows * QuantizedMatrix.groups(inputs, GROUP_SIZE)), new FloatArray(1));
        return new ExpertMatrix(experts, new LinearWeight(matrix, floats(rows)));
    }
}
