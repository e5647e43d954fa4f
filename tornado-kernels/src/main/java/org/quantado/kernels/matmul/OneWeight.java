package org.quantado.kernels.matmul;

/** A weight that is the only one. */
record OneWeight(LinearWeight weight) implements ExpertWeights {
    @Override
    public int experts() {
        return 1;
    }

    @Override
    public int outputs() {
        return weight.matrix().outputs();
    }

    @Override
    public int inputs() {
        return weight.inputs();
    }

    @Override
    public boolean holdFloats() {
        return weight.matrix().holdsFloats();
    }

    @Override
    public LinearWeight read(int expert) {
        return weight;
    }
}
