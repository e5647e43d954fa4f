package org.quantado.schemes.select;

/** Kinds of layers, and the class names by which config groups point at them. */
public enum LayerClass {
    /** A matrix and perhaps a bias. */
    LINEAR("Linear"),
    /** The matrix of one expert of a mixture; a group for Linear applies. */
    EXPERT_LINEAR("Linear"),
    /** The matrix that scores the experts; usually on the ignore list. */
    ROUTER("ReplicatedLinear"),
    /** The last matrix, which gives logits; a group for Linear does not apply. */
    LM_HEAD("ParallelLMHead"),
    /** A table of vectors. */
    EMBEDDING("VocabParallelEmbedding"),
    /** A normalization with a weight per channel. */
    NORM("RMSNorm"),
    /** None of these. */
    OTHER("Module");

    private final String className;

    LayerClass(String className) {
        this.className = className;
    }

    /** The name that targets are compared with. */
    public String className() {
        return className;
    }
}
