package org.quantado.kernels.experts;

/**
 * What becomes of an expert's gate g and up u: {@code (u' + upOffset) * g' / (1 + exp(-alpha * g'))} with
 * {@code g' = min(g, limit)} and {@code u' = clamp(u, -limit, limit)}.
 *
 * @param alpha steepness of the sigmoid
 * @param limit largest gate, and largest magnitude of up; the largest float for none
 * @param upOffset added to up
 */
public record GatedActivation(float alpha, float limit, float upOffset) {
    /** {@code silu(g) * u}. */
    public static final GatedActivation SILU = new GatedActivation(1.0f, Float.MAX_VALUE, 0.0f);
    /** Of gpt-oss, with gates and ups in two halves. */
    public static final GatedActivation SWIGLU_OAI = new GatedActivation(1.702f, 7.0f, 1.0f);
}
