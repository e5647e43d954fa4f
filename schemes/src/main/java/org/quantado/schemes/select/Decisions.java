package org.quantado.schemes.select;

/** Whose decisions are followed, where they differ. */
public enum Decisions {
    /** vLLM of August 2026. */
    VLLM_HEAD,
    /** vLLM of June 2026, when WNA8O8Int was new. */
    VLLM_SEED,
    /**
     * {@link #VLLM_HEAD}'s, and schemes also where only vLLM's kernels for a device stand in the way: packed weights
     * with calibrated integers on one side only run as WNA8O8Int, 4-bit weights with FP8 inputs as W4A8Fp8 on any device,
     * packed weights of any width with zero points, and unpacked weights of any width with integer inputs per token or group as WNA8Int or WNA4Int.
     */
    EVERY_DEVICE
}
