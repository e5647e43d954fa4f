package org.quantado.schemes.quantize;

import java.lang.foreign.MemorySegment;
import java.util.Map;

/**
 * A quantized weight as it is written.
 *
 * @param tensors their bytes, by the last part of their names
 * @param error how far it is from the weight
 */
public record QuantizedWeight(Map<String, MemorySegment> tensors, LayerError error) {
}
