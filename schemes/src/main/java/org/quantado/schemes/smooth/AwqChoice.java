package org.quantado.schemes.smooth;

/**
 * What AWQ's search found.
 *
 * @param gridPoint number of the proposal
 * @param ratio of it
 * @param duoScaling whether weights counted in it
 * @param scales by which the columns of the layers' weights are multiplied, and the channels before them divided
 * {@code [K]}
 * @param initialError mean square error of the outputs with the first proposal
 * @param bestError with this one
 */
@SuppressWarnings("ArrayRecordComponent") // nobody compares them
public record AwqChoice(int gridPoint, double ratio, boolean duoScaling, float[] scales, double initialError,
        double bestError) {
}
