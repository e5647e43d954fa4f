package org.quantado.bench.gptq;

/**
 * What GPTQ takes for one layer. Of tokens and outputs a share is measured, and the time of all told from it.
 *
 * @param outputs N
 * @param inputs K
 * @param tokens that the Hessian is of
 * @param measuredTokens of these
 * @param measuredOutputs of N
 * @param hessianSeconds the Hessian of all tokens, with what goes to the device for it
 * @param hessianKernelSeconds its kernels alone
 * @param multiplyAddShare {@code tokens K (K + 1) / 2} multiply-adds over the kernels' time, as a share of what the device
 * does at most
 * @param factorSeconds the factor of the Hessian
 * @param columnSeconds rounding all outputs, column after column
 */
public record GptqMeasurements(int outputs, int inputs, long tokens, long measuredTokens, int measuredOutputs,
        double hessianSeconds, double hessianKernelSeconds, double multiplyAddShare, double factorSeconds,
        double columnSeconds) {
    private static final double CUBE_SHARE = 3;

    /** All of it. */
    public double seconds() {
        return hessianSeconds + factorSeconds + columnSeconds;
    }

    /** Seconds of a Hessian of so many inputs, from those of this one. */
    double hessianSeconds(double otherInputs) {
        return hessianSeconds * otherInputs * otherInputs / ((double) inputs * inputs);
    }

    /** Seconds of a factor, from {@code K^3 / 3} operations. */
    double factorSeconds(double otherInputs) {
        return factorSeconds / Math.pow(inputs, CUBE_SHARE) * Math.pow(otherInputs, CUBE_SHARE);
    }

    /** Seconds of rounding, from {@code N K^2} operations. */
    double columnSeconds(double otherOutputs, double otherInputs) {
        return columnSeconds / outputs * otherOutputs * otherInputs * otherInputs / ((double) inputs * inputs);
    }
}
