package org.quantado.bench.tuning;

import org.quantado.bench.workloads.WeightFormat;
import org.quantado.kernels.matmul.Flavour;

/**
 * What a product took with one way of doing it.
 *
 * @param format of the weight
 * @param rows of x
 * @param flavour of the kernels
 * @param rowsPerBlock how many rows were multiplied together
 * @param nanos best whole time of a call
 */
public record Trial(WeightFormat format, int rows, Flavour flavour, int rowsPerBlock, long nanos) {
    boolean isOf(Flavour otherFlavour, int otherRows, int otherRowsPerBlock) {
        return flavour == otherFlavour && rows == otherRows && rowsPerBlock == otherRowsPerBlock;
    }
}
