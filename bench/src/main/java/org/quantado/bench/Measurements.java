package org.quantado.bench;

import java.util.List;

import org.quantado.bench.peaks.DevicePeaks;
import org.quantado.kernels.matmul.Flavour;

/**
 * What was measured in one process.
 *
 * @param flavour of the kernels
 * @param reason why that one
 * @param peaks what the device does at most
 * @param results one by one
 */
public record Measurements(Flavour flavour, String reason, DevicePeaks peaks, List<Result> results) {
}
