package org.quantado.bench.model;

import java.util.List;

/**
 * What was measured of a model.
 *
 * @param shape of the model
 * @param format of its weights
 * @param prompt ids before the tokens that are measured
 * @param fileBytes of the checkpoint
 * @param weightBytes in the kernels' layout
 * @param cacheBytes of keys and values of all sequences
 * @param loadSeconds from opening the folder to weights in the kernels' layout
 * @param firstTokenSeconds from then on to the first token after the prompt: uploading, compiling, running
 * @param kernels that are compiled until then
 * @param times of its calls
 */
public record ModelMeasurements(ModelShape shape, String format, int prompt, long fileBytes, long weightBytes,
        long cacheBytes, double loadSeconds, double firstTokenSeconds, int kernels, List<ModelTime> times) {
}
