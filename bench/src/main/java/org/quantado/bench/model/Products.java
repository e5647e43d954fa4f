package org.quantado.bench.model;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

import org.quantado.bench.model.ModelShape.Experts;
import org.quantado.bench.timing.Stopwatch;
import org.quantado.bench.workloads.RandomFloats;
import org.quantado.kernels.graph.BatchPlan;
import org.quantado.kernels.matmul.LinearPlan;
import org.quantado.kernels.matmul.LinearWeight;
import org.quantado.schemes.linear.LinearScheme;
import org.quantado.schemes.linear.WeightAssembler;
import org.quantado.schemes.model.Model;
import org.quantado.schemes.model.ModelLayer;

import uk.ac.manchester.tornado.api.types.arrays.FloatArray;

/**
 * What the products of a model take alone, as kernels: each weight of one layer is timed by itself, and counted as often as
 * it is met. A weight that caches hold is faster so than in a model, which makes the comparison a strict one.
 *
 * @param token nanoseconds of a token's
 * @param tokens of a token of each of several sequences
 * @param prompt of a prompt
 */
record Products(double token, double tokens, double prompt) {
    private static final long SEED = 10;
    private static final String FIRST_LAYER = "model.layers.0.";

    /** Times them with weights of a checkpoint. */
    static Products measure(Path folder, ModelShape shape, Stopwatch stopwatch, int sequences, int prompt) {
        try (Model model = Model.open(folder)) {
            return new Measuring(model, shape, stopwatch).all(sequences, prompt);
        }
    }

    private record Measuring(Model model, ModelShape shape, Stopwatch stopwatch) {
        Products all(int sequences, int prompt) {
            int slice = Math.min(prompt, BatchPlan.MAX_ROWS);
            double slices = prompt / (double) slice;
            double[] layer = new double[3];
            for (String module : everyTokenMeets()) {
                add(layer, nanos(module, 1, sequences, slice), 1, 1, 1);
            }
            shape.experts().ifPresent(experts -> {
                int rows = Math.max(1, slice * experts.topK() / experts.count());
                for (String module : mlp(shape.mlps(0).getFirst())) {
                    add(layer, nanos(module, 1, 1, rows), experts.topK(), met(experts, sequences),
                            met(experts, slice));
                }
            });
            double[] head = nanos(ModelShape.HEAD, 1, sequences, 1);
            return new Products(shape.layers() * layer[0] + head[0], shape.layers() * layer[1] + head[1],
                    slices * shape.layers() * layer[2] + head[2]);
        }

        private static void add(double[] sums, double[] nanos, double... times) {
            for (int i = 0; i < sums.length; i++) {
                sums[i] += times[i] * nanos[i];
            }
        }

        /** How many experts some tokens meet, of which each chooses k of E at random. */
        private static double met(Experts experts, int tokens) {
            double missed = Math.pow(1 - experts.topK() / (double) experts.count(), tokens);
            return experts.count() * (1 - missed);
        }

        private List<String> everyTokenMeets() {
            List<String> modules = new ArrayList<>(
                    List.of(FIRST_LAYER + "self_attn.qkv_proj", FIRST_LAYER + "self_attn.o_proj"));
            if (shape.experts().isEmpty()) {
                modules.addAll(mlp(shape.mlps(0).getFirst()));
            }
            return modules;
        }

        private static List<String> mlp(String module) {
            return List.of(module + ".gate_up_proj", module + ".down_proj");
        }

        /** Best times of the kernels with so many rows. */
        private double[] nanos(String module, int... rows) {
            ModelLayer layer = model.layer(module);
            LinearWeight weight = weight(layer);
            double[] nanos = new double[rows.length];
            try (LinearPlan plan = new LinearPlan(weight, Optional.empty(), Optional.empty())) {
                for (int i = 0; i < rows.length; i++) {
                    int count = rows[i];
                    FloatArray x = RandomFloats.centered(Math.multiplyExact(count, layer.spec().inputSize()), SEED);
                    FloatArray y = new FloatArray(
                            Math.multiplyExact(count, layer.spec().outputSizePerPartition()));
                    nanos[i] = stopwatch.measure(() -> plan.apply(x, count, y), plan).kernels().best();
                }
            }
            return nanos;
        }

        private LinearWeight weight(ModelLayer layer) {
            LinearScheme scheme = layer.scheme(Optional.empty());
            try (WeightAssembler assembler = scheme.weightAssembler()) {
                return assembler.assemble(scheme.createWeights(layer.spec()).load(model.checkpoint()));
            }
        }
    }
}
