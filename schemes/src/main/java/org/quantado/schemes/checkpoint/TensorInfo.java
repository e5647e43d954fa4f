package org.quantado.schemes.checkpoint;

/**
 * What a safetensors header says of one tensor.
 *
 * @param name unique in its file
 * @param dtype type of the elements
 * @param shape dimensions; elements lie in row-major order
 * @param offset where the bytes begin, counted from the end of the header
 * @param byteSize how many bytes they are
 */
public record TensorInfo(String name, DType dtype, Shape shape, long offset, long byteSize) {
    /** Where the bytes end, counted from the end of the header. */
    public long end() {
        return offset + byteSize;
    }
}
