package org.quantado.bench.gptq;

import java.util.List;

/**
 * What was measured, and what follows for whole models.
 *
 * @param flopPerSecond what the device does at most, a multiply-add counted as two
 * @param layers one by one
 * @param estimates from the layer of the most inputs
 */
public record GptqResults(double flopPerSecond, List<GptqMeasurements> layers, List<GptqEstimate> estimates) {
}
