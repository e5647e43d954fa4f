package org.quantado.schemes.linear;

import java.util.ArrayList;
import java.util.List;

import org.slf4j.Logger;

/** NVFP4's scales of whole tensors, which are stored as divisors: one for each partition of a fused layer. */
final class GlobalScale {
    private GlobalScale() {
    }

    /**
     * The largest of the partitions' divisors, which stands for all of them.
     *
     * @param log is warned where they differ, since that costs accuracy
     * @throws org.quantado.schemes.checkpoint.CheckpointException if one is not a positive number
     */
    static float largest(LoadedParameters parameters, String name, Logger log) {
        List<String> shown = new ArrayList<>();
        float largest = 0;
        boolean equal = true;
        for (int part = 0; part < parameters.spec().partitions().size(); part++) {
            TensorSlice slice = parameters.get(name, part);
            float divisor = slice.tensor().floatAt(0);
            if (!(divisor > 0 && divisor < Float.POSITIVE_INFINITY)) {
                throw slice.tensor().error(String.valueOf(divisor), "a positive, finite divisor");
            }
            equal &= part == 0 || divisor == largest;
            largest = Math.max(largest, divisor);
            shown.add(parameters.spec().partitions().get(part).module() + " " + divisor);
        }
        if (!equal) {
            log.warn(
                    "{} of {} differs between its shards ({}): the largest is used for all, which costs accuracy",
                    name,
                    parameters.spec().layerName(), String.join(", ", shown));
        }
        return largest;
    }
}
