package org.quantado.bench;

/** Kinds of work that are measured. */
public enum Op {
    /** A row with a quantized weight. */
    GEMV,
    /** Several rows with a quantized weight. */
    GEMM,
    /** A block of experts: router, top-k and the experts' matrices. */
    MOE,
    /** Quantizing floats. */
    QUANTIZE,
    /** From router logits to experts, and tokens brought together by expert. */
    ROUTING,
    /** A whole model of random weights: start, prompt, and tokens. */
    MODEL,
    /** Rounding a weight by GPTQ: the Hessian of its inputs, its factor, and the columns. */
    GPTQ
}
