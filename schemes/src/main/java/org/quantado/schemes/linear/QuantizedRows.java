package org.quantado.schemes.linear;

import java.util.Optional;

import org.quantado.kernels.matmul.MatrixRows;

/** Reads the rows of one partition of a quantized weight. Not thread-safe. */
final class QuantizedRows implements MatrixRows.Reader {
    private final CodeRows.Reader codes;
    private final ScaleRows scales;
    private final Optional<ZeroPoints> zeroPoints;

    QuantizedRows(CodeRows.Reader codes, ScaleRows scales, Optional<ZeroPoints> zeroPoints) {
        this.codes = codes;
        this.scales = scales;
        this.zeroPoints = zeroPoints;
    }

    @Override
    public void words(int row, int[] words) {
        codes.read(row, words);
    }

    @Override
    public void scales(int row, float[] values) {
        scales.read(row, values);
    }

    @Override
    public void zeros(int row, float[] zeros) {
        ZeroPoints points = zeroPoints.orElseThrow();
        for (int group = 0; group < zeros.length; group++) {
            zeros[group] = points.get(row, group);
        }
    }
}
