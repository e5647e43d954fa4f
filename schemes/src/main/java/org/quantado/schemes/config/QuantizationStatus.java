package org.quantado.schemes.config;

/** How far the quantization of a checkpoint has come. */
public enum QuantizationStatus implements JsonName {
    /** Scales are still empty. */
    INITIALIZED("initialized"),
    /** Scales are being found. */
    CALIBRATION("calibration"),
    /** Scales are found, weights still unquantized. */
    FROZEN("frozen"),
    /** Weights are stored as codes. */
    COMPRESSED("compressed"),
    /** Codes were turned back into weights. */
    DECOMPRESSED("decompressed");

    private final String jsonName;

    QuantizationStatus(String jsonName) {
        this.jsonName = jsonName;
    }

    @Override
    public String jsonName() {
        return jsonName;
    }

    static QuantizationStatus read(JsonField field) {
        return field.constant(values(), field.string());
    }
}
