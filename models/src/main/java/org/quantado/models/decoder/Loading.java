package org.quantado.models.decoder;

import java.util.Optional;

import org.quantado.schemes.linear.Activations;
import org.quantado.schemes.linear.OnlineFormat;

/**
 * How weights are brought in.
 *
 * @param activations whether activations are quantized where the config says so
 * @param online what unquantized linear layers become while loading, if anything; embedding and head stay as they are
 */
public record Loading(Activations activations, Optional<OnlineFormat> online) {
    /** As the checkpoint is. */
    public static final Loading AS_IS = new Loading(Activations.CONFIG, Optional.empty());
}
