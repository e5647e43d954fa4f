package org.quantado.models.decoder;

import java.util.function.BiConsumer;

import org.quantado.kernels.experts.MlpReader;
import org.quantado.kernels.graph.Rows;

/**
 * Taps of an MLP.
 *
 * @param gateUp name of gate and up
 * @param down name of down
 * @param tap taps rows under a name
 */
record MlpTaps(String gateUp, String down, BiConsumer<String, Rows> tap) implements MlpReader {
    @Override
    public void gatesAndUps(Rows rows) {
        tap.accept(TapPoint.outputOf(gateUp), rows);
    }

    @Override
    public void activated(Rows rows) {
        tap.accept(down, rows);
    }

    @Override
    public void results(Rows rows) {
        tap.accept(TapPoint.outputOf(down), rows);
    }
}
