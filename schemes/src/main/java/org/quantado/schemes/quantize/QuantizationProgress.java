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
     * The work begins.
     *
     * @param bytes of all tensors of the input
     */
    void begin(long bytes);

    /**
     * A tensor is done.
     *
     * @param tensor its name in the input, or that of a file that was done before
     * @param bytes of it in the input
     */
    void advance(String tensor, long bytes);
}
