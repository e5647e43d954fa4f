package org.quantado.bench;

/**
 * What a product of a batch with a weight took.
 *
 * @param format of the weight
 * @param outputs N
 * @param inputs K
 * @param batch M
 * @param kernels time of the kernels on the device, as TornadoVM's profiler says; those of the last slice of the batch
 *     where it is run in several
 * @param wall whole time of a call
 * @param bytesPerSecond bytes of the weight in a checkpoint, over the best whole time
 * @param flopPerSecond two per multiply-add, over the best whole time
 * @param readShare bytesPerSecond over what the device reads at most
 * @param flopShare flopPerSecond over what the device computes at most
 * @param overheadMicros whole time less kernels, best of each, in us
 * @param extraBytes bytes copied beyond x and y
 * @param error the largest error of the results looked at, over the sum of the magnitudes of their terms
 */
public record MatmulResult(WeightFormat format, int outputs, int inputs, int batch, Times kernels, Times wall,
        double bytesPerSecond, double flopPerSecond, double readShare, double flopShare, double overheadMicros,
        long extraBytes, double error) {
}
