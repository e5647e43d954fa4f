package org.quantado.moe;

/** Whose calibration of NVFP4 inputs holds, where the experts of a block were calibrated differently. */
public enum ExpertCalibration {
    /** One for all experts, so that no expert's inputs are cut off, as most of vLLM's kernels for blocks have it. */
    COMMON,
    /** Each expert's own, as the checkpoint's maker ran it, and as others of vLLM's kernels have it. */
    OWN
}
