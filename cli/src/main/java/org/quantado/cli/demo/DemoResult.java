package org.quantado.cli.demo;

/**
 * The model in one form.
 *
 * @param form name of the preset, or of the unquantized weights
 * @param checkpointBytes of all tensors in the file
 * @param deviceBytes of the weights in the kernels' layout
 * @param perplexity of a text that the model has not seen
 * @param agreement part of its predictions in which the unquantized model finds the same token most likely
 * @param meanDivergence mean Kullback-Leibler divergence from the unquantized model, in nats
 * @param tokensPerSecond how fast it told the story
 * @param story how it goes on with the prompt
 */
record DemoResult(String form, long checkpointBytes, long deviceBytes, double perplexity, double agreement,
        double meanDivergence, double tokensPerSecond, String story) {
}
