package org.quantado.bench.gptq;

import java.util.List;

/**
 * What GPTQ would take for the layers of a whole model, without running the model, told from what it took for one layer.
 *
 * @param model its name
 * @param hessianSeconds of all Hessians: layers that read the same inputs share one
 * @param factorSeconds of their factors
 * @param columnSeconds of rounding
 */
public record GptqEstimate(String model, double hessianSeconds, double factorSeconds, double columnSeconds) {
    /**
     * The matrices of a decoder layer.
     *
     * @param model its name
     * @param layers how many
     * @param hidden H
     * @param keys outputs of k, and of v
     * @param intermediate I
     */
    private record Sizes(String model, int layers, double hidden, double keys, double intermediate) {
    }

    /** Llama 3.1 of 8 and of 70 billion parameters. */
    private static final List<Sizes> MODELS = List.of(new Sizes("llama-8b", 32, 4096, 1024, 14336),
            new Sizes("llama-70b", 80, 8192, 1024, 28672));

    /** All of it. */
    public double seconds() {
        return hessianSeconds + factorSeconds + columnSeconds;
    }

    /** Estimates for both sizes. */
    static List<GptqEstimate> of(GptqMeasurements layer) {
        return MODELS.stream().map(model -> of(model, layer)).toList();
    }

    /** Hessians are those of the inputs of q, k and v; of o; of gate and up; and of down. */
    private static GptqEstimate of(Sizes model, GptqMeasurements layer) {
        double attention = model.hidden + 2 * model.keys + model.hidden;
        double outputs = attention + 2 * model.intermediate;
        return new GptqEstimate(model.model,
                model.layers * (3 * layer.hessianSeconds(model.hidden) + layer.hessianSeconds(model.intermediate)),
                model.layers * (3 * layer.factorSeconds(model.hidden) + layer.factorSeconds(model.intermediate)),
                model.layers * (layer.columnSeconds(outputs, model.hidden)
                        + layer.columnSeconds(model.hidden, model.intermediate)));
    }
}
