package org.quantado.schemes.linear;

/** Whether activations are quantized. */
public enum Activations {
    /** Exactly when the checkpoint's config says so, on every device. */
    CONFIG,
    /** Never: only the weights are quantized. */
    OFF
}
