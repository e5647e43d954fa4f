package org.quantado.schemes.linear;

import java.util.Locale;
import java.util.Optional;

import org.quantado.kernels.codec.E8M0Rule;
import org.quantado.kernels.codec.TableOf16;
import org.quantado.kernels.quantize.Fp8Quantizer;
import org.quantado.kernels.quantize.Fp8TileQuantizer;
import org.quantado.kernels.quantize.FloatFormat;
import org.quantado.kernels.quantize.Int8Quantizer;
import org.quantado.kernels.quantize.MxQuantizer;
import org.quantado.kernels.quantize.Nvfp4Quantizer;
import org.quantado.kernels.quantize.Quantizer;
import org.quantado.kernels.quantize.StaticQuantizer;
import org.quantado.kernels.quantize.TableQuantizer;

import uk.ac.manchester.tornado.api.types.arrays.FloatArray;

/**
 * What weights become when they are quantized while loading, and how activations are then quantized.
 *
 * <p>Names are those of vLLM's {@code --quantization}, where it has the format.
 */
public enum OnlineFormat {
    /** Groups of 32 E4M3 codes with E8M0 scales by the rule of today's vLLM; activations likewise. */
    MXFP8(75, 8, MxQuantizer.GROUP_SIZE) {
        @Override
        Quantizer weights(float amax) {
            return MxQuantizer.mxfp8(E8M0Rule.CEIL_448);
        }

        @Override
        Optional<Quantizer> activations() {
            return Optional.of(MxQuantizer.mxfp8(E8M0Rule.CEIL_448));
        }
    },
    /** As {@link #MXFP8}, with the scale rule that vLLM had until July 2026; scaled values are below 2. */
    MXFP8_FLOOR(75, 8, MxQuantizer.GROUP_SIZE) {
        @Override
        Quantizer weights(float amax) {
            return MxQuantizer.mxfp8(E8M0Rule.FLOOR);
        }

        @Override
        Optional<Quantizer> activations() {
            return Optional.of(MxQuantizer.mxfp8(E8M0Rule.FLOOR));
        }
    },
    /** Groups of 32 E2M1 codes with E8M0 scales; activations likewise. */
    MXFP4(80, 4, MxQuantizer.GROUP_SIZE) {
        @Override
        Quantizer weights(float amax) {
            return MxQuantizer.mxfp4(E8M0Rule.EVEN_E2M1);
        }

        @Override
        Optional<Quantizer> activations() {
            return Optional.of(MxQuantizer.mxfp4(E8M0Rule.EVEN_E2M1));
        }

        @Override
        FloatArray table() {
            return FloatFormat.e2m1().table();
        }
    },
    /**
     * Groups of 16 E2M1 codes with E4M3 scales under a global one; activations are left alone, for theirs would have to
     * be calibrated.
     */
    NVFP4(75, 4, Nvfp4Quantizer.GROUP_SIZE) {
        @Override
        Quantizer weights(float amax) {
            return new Nvfp4Quantizer(Nvfp4Quantizer.globalScaleOf(amax));
        }

        @Override
        Optional<Quantizer> activations() {
            return Optional.empty();
        }

        @Override
        FloatArray table() {
            return FloatFormat.e2m1().table();
        }

        @Override
        boolean hasGlobalScale() {
            return true;
        }
    },
    /** Groups of 64 codes of a table of 16 values, as bitsandbytes quantizes; activations are left alone. */
    NF4(75, 4, 64) {
        @Override
        Quantizer weights(float amax) {
            return new TableQuantizer(TableOf16.NF4, groupSize());
        }

        @Override
        Optional<Quantizer> activations() {
            return Optional.empty();
        }

        @Override
        FloatArray table() {
            return TableOf16.NF4.table();
        }
    },
    /** E4M3 codes with one scale; activations with one per token. */
    FP8_PER_TENSOR(75, 8, 0) {
        @Override
        Quantizer weights(float amax) {
            return new StaticQuantizer.Fp8(Fp8Quantizer.scaleOf(amax));
        }

        @Override
        Optional<Quantizer> activations() {
            return Optional.of(Fp8Quantizer.perToken());
        }

        @Override
        boolean hasGlobalScale() {
            return true;
        }
    },
    /** E4M3 codes with one scale per output; activations with one per token. */
    FP8_PER_CHANNEL(75, 8, 0) {
        @Override
        Quantizer weights(float amax) {
            return Fp8Quantizer.perToken();
        }

        @Override
        Optional<Quantizer> activations() {
            return Optional.of(Fp8Quantizer.perToken());
        }
    },
    /** E4M3 codes with one scale per 128 x 128 tile; activations with one per 128 values of a token. */
    FP8_PER_BLOCK(75, 8, OnlineFormat.BLOCK) {
        @Override
        Quantizer weights(float amax) {
            return new Fp8TileQuantizer(BLOCK, BLOCK);
        }

        @Override
        Optional<Quantizer> activations() {
            return Optional.of(Fp8Quantizer.perGroup(BLOCK));
        }
    },
    /** 8-bit integers with one scale per output; activations are left alone. */
    INT8_PER_CHANNEL(75, 8, 0) {
        @Override
        Quantizer weights(float amax) {
            return Int8Quantizer.SYMMETRIC;
        }

        @Override
        Optional<Quantizer> activations() {
            return Optional.empty();
        }

        @Override
        FloatArray table() {
            FloatArray table = new FloatArray(1 << Byte.SIZE);
            for (int code = 0; code < table.getSize(); code++) {
                table.set(code, (byte) code);
            }
            return table;
        }
    };

    /** Rows and columns of a tile that shares a scale; no format's scale spans more rows, but for whole tensors. */
    static final int BLOCK = 128;

    private final int minCapability;
    private final int codeBits;
    private final int groupSize;

    /** @param groupSize inputs that share a scale, 0 for all */
    OnlineFormat(int minCapability, int codeBits, int groupSize) {
        this.minCapability = minCapability;
        this.codeBits = codeBits;
        this.groupSize = groupSize;
    }

    /** The format that a user calls so, in any case, such as {@code mxfp8}. */
    public static Optional<OnlineFormat> named(String name) {
        for (OnlineFormat format : values()) {
            if (format.name().equals(name.toUpperCase(Locale.ROOT))) {
                return Optional.of(format);
            }
        }
        return Optional.empty();
    }

    /** What the scheme is called in a table. */
    String schemeName() {
        return "Online " + name();
    }

    int minCapability() {
        return minCapability;
    }

    int codeBits() {
        return codeBits;
    }

    /** Inputs that share a scale, for a weight of so many. */
    int groupSize(int inputs) {
        return groupSize == 0 ? inputs : Math.min(groupSize, inputs);
    }

    /** Whether how rows are quantized depends on the largest magnitude of the whole weight. */
    boolean hasGlobalScale() {
        return false;
    }

    /**
     * Whether layers of so many inputs have whole groups; scales of 128 x 128 tiles and of more need none.
     */
    public boolean hasWholeGroups(int inputs) {
        return this == FP8_PER_BLOCK || groupSize == 0 || inputs % groupSize == 0;
    }

    /** Inputs that share a scale, 0 for all. */
    public int groupSize() {
        return groupSize;
    }

    /**
     * How the rows of a weight are quantized.
     *
     * @param amax the largest magnitude of the whole weight, not used without a global scale
     */
    abstract Quantizer weights(float amax);

    /** How activations are quantized, if they are. */
    abstract Optional<Quantizer> activations();

    /** The values of the codes. */
    FloatArray table() {
        return FloatFormat.e4m3().table();
    }

    /** Throws a {@link SchemeException} with the peer's message where the layer's size does not fit the format. */
    void requireSizes(LinearSpec spec) {
        if (!hasWholeGroups(spec.inputSizePerPartition())) {
            throw new SchemeException("layer '" + spec.layerName() + "': " + name()
                    + " requires input_size_per_partition (" + spec.inputSizePerPartition()
                    + ") to be divisible by " + groupSize + ".");
        }
    }
}
