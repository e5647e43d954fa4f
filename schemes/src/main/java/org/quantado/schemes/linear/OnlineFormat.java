package org.quantado.schemes.linear;

import java.util.Locale;
import java.util.Optional;

import org.quantado.kernels.codec.E8M0Rule;
import org.quantado.kernels.codec.ModelDtype;
import org.quantado.kernels.quantize.MxQuantizer;
import org.quantado.kernels.quantize.Quantizer;

import uk.ac.manchester.tornado.api.types.arrays.FloatArray;

/** What weights become when they are quantized while loading, and how activations are then quantized. */
public enum OnlineFormat {
    /** MXFP8 with the scale rule of today's vLLM. Source: vLLM, {@code Mxfp8OnlineLinearMethod}. */
    MXFP8("Mxfp8OnlineLinear", 75, MxQuantizer.GROUP_SIZE) {
        @Override
        MxQuantizer weights() {
            return MxQuantizer.mxfp8(E8M0Rule.CEIL_448);
        }

        @Override
        Quantizer activations(ModelDtype dtype) {
            return weights();
        }

        @Override
        void requireSizes(LinearSpec spec) {
            if (spec.inputSizePerPartition() % MxQuantizer.GROUP_SIZE != 0) {
                throw new SchemeException(
                        "MXFP8 requires input_size_per_partition (" + spec.inputSizePerPartition()
                                + ") to be divisible by " + MxQuantizer.GROUP_SIZE + ".");
            }
        }
    };

    private final String schemeName;
    private final int minCapability;
    private final int groupSize;

    OnlineFormat(String schemeName, int minCapability, int groupSize) {
        this.schemeName = schemeName;
        this.minCapability = minCapability;
        this.groupSize = groupSize;
    }

    /** The format that a user calls so, in any case; {@code mxfp8} as in vLLM's {@code --quantization}. */
    public static Optional<OnlineFormat> named(String name) {
        for (OnlineFormat format : values()) {
            if (format.name().equals(name.toUpperCase(Locale.ROOT))) {
                return Optional.of(format);
            }
        }
        return Optional.empty();
    }

    String schemeName() {
        return schemeName;
    }

    int minCapability() {
        return minCapability;
    }

    /** Inputs that share a scale. */
    int groupSize() {
        return groupSize;
    }

    abstract MxQuantizer weights();

    abstract Quantizer activations(ModelDtype dtype);

    /** Throws a {@link SchemeException} with the peer's message where the layer's size does not fit the format. */
    abstract void requireSizes(LinearSpec spec);

    /** The values of the codes. */
    FloatArray table() {
        return weights().format().table();
    }

    int codeBits() {
        return weights().format().codeBits();
    }
}
