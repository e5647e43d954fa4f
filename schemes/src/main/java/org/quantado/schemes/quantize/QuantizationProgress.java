package org.quantado.schemes.quantize;

/** Is told how far a quantization has come. */
public interface QuantizationProgress {
    /** Hears nothing. */
    QuantizationProgress NONE = new QuantizationProgress() {
        @Override
        public void begin(long bytes) {
            // nobody wants to know
        }

        @Override
        public void advance(String tensor, long bytes) {
            // nobody wants to know
        }
    };

    /**
     * Something that a user should know before the work begins; it is in the result, too.
     *
     * @param sentence that says it
     */
    default void warn(String sentence) {
        // nobody wants to know
    }

    /**
     * The work begins.
     *
     * @param bytes of the weights that are still to be quantized, which is what takes time
     */
    void begin(long bytes);

    /**
     * A tensor is done.
     *
     * @param tensor its name in the input
     * @param bytes of it in the input, if it was quantized now; 0 if it was copied, or quantized before
     */
    void advance(String tensor, long bytes);

    /**
     * Processes of a cluster have finished units: tensors that are quantized together.
     *
     * @param done how many of those that were missing
     * @param all how many were missing
     */
    default void units(int done, int all) {
        // nobody wants to know
    }
}
