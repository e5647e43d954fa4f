package org.quantado.kernels.matmul.gpu;

/** Words of codes as the kernels for GPUs take them apart. */
final class GpuWords {
    /** Values of codes that are held in local memory: those of 8 bits. There are more only of 16-bit floats. */
    static final int LOCAL_TABLE = 256;

    private GpuWords() {
    }

    /** The bits of word w of a row that are codes of its K columns: what else is there may be worth anything. */
    static int mask(int inputs, int w, int codesPerWord) {
        int missing = Math.max(0, (w + 1) * codesPerWord - inputs);
        return (2 << (31 - missing * (32 / codesPerWord))) - 1;
    }
}
