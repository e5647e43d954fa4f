package org.quantado.bench.workloads;

import java.util.List;

/**
 * The size of a block of experts.
 *
 * @param experts E
 * @param topK experts of a token
 * @param hidden H
 * @param intermediate I of an expert
 */
public record MoeShape(int experts, int topK, int hidden, int intermediate) {
    /** Blocks of many small experts. */
    public static final List<MoeShape> SHAPES = List.of(new MoeShape(64, 6, 2048, 768),
            new MoeShape(128, 8, 2048, 768));

    /** Operations of a token: two per multiply-add with its experts' three matrices and with the router's. */
    double flopPerToken() {
        return 2.0 * hidden * (3.0 * topK * intermediate + experts);
    }
}
