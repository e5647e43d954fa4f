package org.quantado.models.calibrate;

import java.util.List;

import org.quantado.kernels.hessian.Hessian;
import org.quantado.schemes.quantize.FloatWeight;
import org.quantado.schemes.smooth.Awq;

/**
 * Searches scales of channels that one linear layer reads, whose outputs' errors follow from the Hessian of its inputs.
 *
 * @param smoothing its number
 * @param squares where the Hessian is
 * @param meanMagnitudes of the channels {@code [K]}
 */
@SuppressWarnings("ArrayRecordComponent") // nobody compares them
record LinearSearchTask(int layer, int smoothing, SquareFiles squares, float[] meanMagnitudes)
        implements
            SiteTask<Scales> {
    @Override
    public Scales workAlone(CalibrationSite site) {
        LayerVersion version = LayerVersion.asIs(layer);
        LayerTensors tensors = site.tensors(version);
        Smoothing searched = site.smoothings(layer).get(smoothing);
        FloatWeight own = tensors.readers(searched).getFirst();
        int samples = site.blocks().samples();
        Hessian hessian = squares.hessian(site.made(), site.taps(layer).indexOf(searched.point()), samples);
        Awq awq = site.recipe().awq().orElseThrow();
        return new Scales(awq.search(tensors.balanced(searched), meanMagnitudes, weights -> WeightedSum
                .squares(row -> difference(own, weights, row), own.rows(), hessian, samples)
                / ((double) site.blocks().tokens() * own.rows())).scales());
    }

    private static float[] difference(FloatWeight own, List<FloatWeight> weights, int row) {
        float[] difference = own.read(row);
        float[] values = weights.getFirst().read(row);
        for (int k = 0; k < values.length; k++) {
            difference[k] -= values[k];
        }
        return difference;
    }
}
