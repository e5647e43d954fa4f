package org.quantado.schemes.quantize;

/**
 * Scales and zero points of all blocks of a weight, band after band; or those of one band.
 */
public final class BlockScales {
    private final float[] scales;
    private final byte[] zeroPoints;

    /** For so many blocks, all 0. */
    public BlockScales(int blocks) {
        scales = new float[blocks];
        zeroPoints = new byte[blocks];
    }

    /** How many blocks. */
    public int size() {
        return scales.length;
    }

    /** Scale of a block. */
    public float scale(int block) {
        return scales[block];
    }

    /** Zero point of a block. */
    public byte zeroPoint(int block) {
        return zeroPoints[block];
    }

    /** All zero points, not to be changed. */
    byte[] zeroPoints() {
        return zeroPoints;
    }

    /** Sets those of a block. */
    public void set(int block, float scale, int zeroPoint) {
        scales[block] = scale;
        zeroPoints[block] = (byte) zeroPoint;
    }

    /** Takes one block from others. */
    void set(int block, BlockScales others, int other) {
        set(block, others.scales[other], others.zeroPoints[other]);
    }

    boolean sameAs(BlockScales others, int block) {
        return scales[block] == others.scales[block] && zeroPoints[block] == others.zeroPoints[block];
    }
}
