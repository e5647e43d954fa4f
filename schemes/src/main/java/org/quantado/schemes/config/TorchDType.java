package org.quantado.schemes.config;

/** PyTorch's element types, as configs name them: {@code torch.uint8}, or {@code uint8} alone. */
public enum TorchDType implements JsonName {
    FLOAT64("float64"), FLOAT32("float32"), FLOAT16("float16"), BFLOAT16("bfloat16"), FLOAT8_E4M3FN(
            "float8_e4m3fn"), FLOAT8_E5M2("float8_e5m2"), FLOAT8_E4M3FNUZ("float8_e4m3fnuz"), FLOAT8_E5M2FNUZ(
                    "float8_e5m2fnuz"), FLOAT8_E8M0FNU("float8_e8m0fnu"), FLOAT4_E2M1FN_X2(
                            "float4_e2m1fn_x2"), INT64("int64"), INT32("int32"), INT16("int16"), INT8(
                                    "int8"), UINT64("uint64"), UINT32(
                                            "uint32"), UINT16("uint16"), UINT8("uint8"), BOOL("bool");

    private static final String PREFIX = "torch.";

    private final String shortName;

    TorchDType(String shortName) {
        this.shortName = shortName;
    }

    /** With the prefix: {@code torch.uint8}. */
    @Override
    public String jsonName() {
        return PREFIX + shortName;
    }

    /** Without the prefix: {@code uint8}, as {@code torch_dtype} has it. */
    public String shortName() {
        return shortName;
    }

    static TorchDType read(JsonField field) {
        String name = field.string();
        String shortName = name.startsWith(PREFIX) ? name.substring(PREFIX.length()) : name;
        for (TorchDType dtype : values()) {
            if (dtype.shortName.equals(canonical(shortName))) {
                return dtype;
            }
        }
        throw field.refuse("the name of a torch dtype, such as torch.uint8 (No such torch dtype `"
                + PREFIX + shortName + "`)");
    }

    /** PyTorch has second names for some. */
    private static String canonical(String name) {
        return switch (name) {
            case "double" -> "float64";
            case "float" -> "float32";
            case "half" -> "float16";
            case "long" -> "int64";
            case "int" -> "int32";
            case "short" -> "int16";
            default -> name;
        };
    }
}
