package org.quantado.moe;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/** What a family of models calls the matrices of an expert. */
public enum ExpertNames {
    /** Qwen, DeepSeek and their relatives. */
    GATE_UP_DOWN("gate_proj", "up_proj", "down_proj"),
    /** Mixtral: gate, up and down are w1, w3 and w2. */
    W1_W3_W2("w1", "w3", "w2");

    private final String gate;
    private final String up;
    private final String down;

    ExpertNames(String gate, String up, String down) {
        this.gate = gate;
        this.up = up;
        this.down = down;
    }

    /** The names that an expert with a matrix of this name has. */
    public static Optional<ExpertNames> with(String matrix) {
        return Arrays.stream(values()).filter(names -> names.down.equals(matrix) || names.gateUp().contains(matrix))
                .findFirst();
    }

    /** The gate's and the up's. */
    public List<String> gateUp() {
        return List.of(gate, up);
    }

    public String down() {
        return down;
    }
}
