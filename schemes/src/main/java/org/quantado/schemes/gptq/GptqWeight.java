package org.quantado.schemes.gptq;

import java.util.OptionalDouble;
import org.quantado.schemes.quantize.RoundedWeight;

/**
 * A weight that GPTQ rounded.
 *
 * @param rounded codes, scales, zero points, and the group of each column where they are scattered
 * @param loss {@code trace((W - Q) H (W - Q)^T) / 2} with the dampened Hessian, as llm-compressor tells it; empty where the
 * layer saw no tokens
 * @param dampening what was added to the Hessian's diagonal, as a share of its mean
 */
public record GptqWeight(RoundedWeight rounded, OptionalDouble loss, double dampening) {
}
