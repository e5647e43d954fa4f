package org.quantado.schemes.checkpoint;

import java.lang.foreign.SegmentAllocator;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * How a family of models stacks the unquantized experts of a block in one tensor for each of their matrices. The list is
 * closed: nothing is told from shapes.
 *
 * <p>Experts that are taken apart get the names that llm-compressor gives them before it quantizes them, and that vLLM
 * loads.
 */
@SuppressWarnings("ImmutableEnumChecker") // its sets and records are immutable
public enum StackLayout {
    /** {@code [E, H, 2I]}, gates and ups in turn, and {@code [E, I, H]}. Source: transformers, {@code GptOssExperts}. */
    GPT_OSS(Set.of("gpt_oss"), Names.EXPERTS, Arrangement.COLUMNS_IN_TURN),
    /**
     * {@code [E, H, 2I]}, gates and then ups, and {@code [E, I, H]}. Source: transformers, {@code Llama4TextExperts} and
     * {@code Qwen3VLMoeTextExperts}.
     */
    LLAMA4(Set.of("llama4", "llama4_text", "qwen3_vl_moe", "qwen3_vl_moe_text"), Names.EXPERTS,
            Arrangement.COLUMNS_IN_HALVES),
    /**
     * {@code [E, 2I, H]}, gates and then ups, and {@code [E, H, I]}. Source: transformers, {@code Qwen3_5MoeExperts}.
     */
    QWEN3_5(Set.of("qwen3_5_moe", "qwen3_5_moe_text"), Names.EXPERTS, Arrangement.ROWS_IN_HALVES),
    /** As {@link #QWEN3_5}, with names of its own. Source: transformers, {@code GraniteMoeParallelExperts}. */
    GRANITE(Set.of("granitemoe", "granitemoeshared", "granitemoehybrid"),
            new Names("input_linear.weight", "output_linear.weight", "w1", "w3", "w2"), Arrangement.ROWS_IN_HALVES);

    private final Set<String> modelTypes;
    private final Names names;
    private final Arrangement arrangement;

    StackLayout(Set<String> modelTypes, Names names, Arrangement arrangement) {
        this.modelTypes = modelTypes;
        this.names = names;
        this.arrangement = arrangement;
    }

    /**
     * Names of tensors and modules.
     *
     * @param stackedGateUp tensor of gates and ups, below the block
     * @param stackedDown tensor of the matrices down, below the block
     * @param gate module of a single expert's gate
     * @param up module of a single expert's up
     * @param down module of a single expert's down
     */
    record Names(String stackedGateUp, String stackedDown, String gate, String up, String down) {
        private static final Names EXPERTS = new Names("experts.gate_up_proj", "experts.down_proj", "gate_proj",
                "up_proj", "down_proj");
    }

    /** Where the matrices of an expert lie in its part of a stacked tensor. */
    enum Arrangement {
        /** Outputs in columns; gates in the even ones and ups in the odd ones. */
        COLUMNS_IN_TURN(true) {
            @Override
            Tensor half(Tensor ofExpert, int half, SegmentAllocator memory) {
                return ofExpert.columnsAsRows(half, 2, outputs(ofExpert) / 2, memory);
            }
        },
        /** Outputs in columns; all gates and then all ups. */
        COLUMNS_IN_HALVES(true) {
            @Override
            Tensor half(Tensor ofExpert, int half, SegmentAllocator memory) {
                long outputs = outputs(ofExpert) / 2;
                return ofExpert.columnsAsRows(half * outputs, 1, outputs, memory);
            }
        },
        /** Outputs in rows; all gates and then all ups. */
        ROWS_IN_HALVES(false) {
            @Override
            Tensor half(Tensor ofExpert, int half, SegmentAllocator memory) {
                long outputs = ofExpert.shape().dimension(0) / 2;
                return ofExpert.rows(half * outputs, (half + 1) * outputs);
            }
        };

        private final boolean outputsInColumns;

        Arrangement(boolean outputsInColumns) {
            this.outputsInColumns = outputsInColumns;
        }

        boolean outputsInColumns() {
            return outputsInColumns;
        }

        /** Gate (half 0) or up (half 1) of an expert, {@code [I, H]}, or that of a bias, {@code [I]}. */
        abstract Tensor half(Tensor ofExpert, int half, SegmentAllocator memory);

        /** An expert's down, {@code [H, I]}, or its bias, {@code [H]}. */
        Tensor whole(Tensor ofExpert, SegmentAllocator memory) {
            boolean isMatrix = ofExpert.shape().rank() == 2;
            return isMatrix && outputsInColumns
                    ? ofExpert.columnsAsRows(0, 1, outputs(ofExpert), memory)
                    : ofExpert;
        }

        private static long outputs(Tensor ofExpert) {
            return ofExpert.shape().dimension(ofExpert.shape().rank() - 1);
        }
    }

    /** The layout of a {@code model_type}, if its experts are stacked while they are unquantized. */
    public static Optional<StackLayout> of(String modelType) {
        return Arrays.stream(values()).filter(layout -> layout.modelTypes.contains(modelType)).findFirst();
    }

    Names names() {
        return names;
    }

    Arrangement arrangement() {
        return arrangement;
    }

    /** Names of a single expert's modules: gate, up, down. */
    public List<String> modules() {
        return List.of(names.gate, names.up, names.down);
    }
}
