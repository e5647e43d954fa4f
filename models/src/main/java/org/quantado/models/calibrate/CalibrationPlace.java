package org.quantado.models.calibrate;

import java.io.IOException;
import java.nio.file.Path;

import org.quantado.kernels.engine.Engine;
import org.quantado.kernels.matmul.FlavourChoice;
import org.quantado.schemes.cluster.ClusterException;
import org.quantado.schemes.cluster.Place;
import org.quantado.schemes.cluster.SharedFiles;
import org.quantado.schemes.quantize.PlannedInput;

/**
 * Makes a {@link CalibrationSite} on any machine that sees the same files and has such a device.
 *
 * @param input makes what is to be quantized
 * @param folder where the calibrator works
 * @param device what samples are run on, as {@link #deviceHere}; another one may add up in another order
 */
record CalibrationPlace(Place<PlannedInput> input, Recipe.Sent recipe, SampleBlocks blocks, String folder,
        String device) implements Place<CalibrationSite> {
    /** The device of this process and its kernels; of the host engine without its threads, on which sums do not depend. */
    static String deviceHere() {
        return (Engine.isEmbedded() ? "the host engine" : Engine.device().getDeviceName()) + " with kernels of flavour "
                + FlavourChoice.forDevice().flavour();
    }

    @Override
    public CalibrationSite open() throws IOException {
        PlannedInput planned = input.open();
        try {
            String here = deviceHere();
            if (!here.equals(device)) {
                throw new ClusterException(
                        "machine " + SharedFiles.machine() + " runs models on " + here + ": expected "
                                + device + ", as the machine that shares the work, since others may round otherwise");
            }
            return new CalibrationSite(planned, recipe.recipe(), blocks, Path.of(folder));
        } catch (RuntimeException e) {
            planned.close();
            throw e;
        }
    }
}
