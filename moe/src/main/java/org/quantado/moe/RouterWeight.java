package org.quantado.moe;

/** What the weight that a router gives an expert multiplies. */
public enum RouterWeight {
    /** What the expert gives. */
    ON_OUTPUT,
    /** The expert's input, in float. */
    ON_INPUT,
    /**
     * The expert's input; weight and product are rounded to the type that the method says, mostly the model's, as vLLM
     * does before it quantizes inputs.
     */
    ON_ROUNDED_INPUT
}
