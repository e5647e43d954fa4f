package org.quantado.schemes.linear;

import uk.ac.manchester.tornado.api.types.arrays.FloatArray;

/** The bias of a layer, which a checkpoint may have or not. */
final class Bias {
    private static final String NAME = "bias";

    /** {@code [N]}, a float type, optional. */
    static final ParameterSpec PARAMETER = ParameterSpec.optional(NAME, ParameterSpec.FLOATS, Axis.outputs(),
            Axis.fixed(1));

    private Bias() {
    }

    /** {@code [N]} of the shard, zeros where there is none; of a row-parallel layer, rank 0 alone adds it. */
    static FloatArray of(LoadedParameters parameters) {
        LinearSpec spec = parameters.spec();
        FloatArray bias = new FloatArray(spec.outputSizePerPartition());
        boolean addedByOtherRank = spec.parallel().cut() == TensorParallel.Cut.INPUTS
                && spec.parallel().rank() > 0;
        if (addedByOtherRank) {
            return bias;
        }
        int first = 0;
        for (int part = 0; part < spec.partitions().size(); part++) {
            int firstOutput = first;
            parameters.find(NAME, part).ifPresent(slice -> {
                float[] values = new float[slice.rows().length()];
                slice.tensor().read(slice.index(0, 0), values);
                for (int n = 0; n < values.length; n++) {
                    bias.set(firstOutput + n, values[n]);
                }
            });
            first += spec.outputs(spec.partitions().get(part)).length();
        }
        return bias;
    }
}
