package org.quantado.kernels.matmul;

import static org.assertj.core.api.Assertions.assertThat;

/** Experts that are read one by one, of which each must be given back before the next is read. */
public final class OneByOne implements ExpertWeights {
    private final ExpertMatrix all;
    private int held;

    public OneByOne(ExpertMatrix all) {
        this.all = all;
    }

    @Override
    public int experts() {
        return all.experts();
    }

    @Override
    public int outputs() {
        return all.outputs();
    }

    @Override
    public int inputs() {
        return all.inputs();
    }

    @Override
    public LinearWeight read(int expert) {
        assertThat(held).isZero();
        held++;
        return all.read(expert);
    }

    @Override
    public void giveBack(LinearWeight weight) {
        held--;
    }
}
