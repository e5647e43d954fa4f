package org.quantado.kernels.reference;

/**
 * Blocks of values as integer codes: a value is {@code (code - zeroPoint) * scale}.
 *
 * @param codes one for each value
 * @param scales one for each block
 * @param zeroPoints one for each block, all 0 where the quantization is symmetric
 */
@SuppressWarnings("ArrayRecordComponent")
public record IntBlocks(byte[] codes, float[] scales, int[] zeroPoints) {
}
