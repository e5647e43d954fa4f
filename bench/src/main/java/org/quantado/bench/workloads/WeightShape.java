package org.quantado.bench.workloads;

import java.util.List;

/**
 * A weight's shape.
 *
 * @param outputs N
 * @param inputs K
 */
public record WeightShape(int outputs, int inputs) {
    /** The shapes of a transformer of hidden size 4096 and intermediate size 14336. */
    public static final List<WeightShape> TRANSFORMER = List.of(new WeightShape(4096, 4096),
            new WeightShape(14336, 4096), new WeightShape(4096, 14336));
}
