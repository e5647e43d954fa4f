package org.quantado.schemes.smooth;

import java.util.List;
import java.util.Optional;
import org.quantado.schemes.quantize.FloatWeight;
import org.quantado.schemes.quantize.WeightScheme;

/**
 * A layer that reads smoothed channels.
 *
 * @param weight {@code [N, K]}
 * @param scheme how it is to be quantized; empty if it is not
 * @param together names of the layers whose weights share its global scale, itself among them; of no use to schemes without
 */
public record BalancedLayer(FloatWeight weight, Optional<WeightScheme> scheme, List<String> together) {
    public BalancedLayer {
        together = List.copyOf(together);
    }
}
