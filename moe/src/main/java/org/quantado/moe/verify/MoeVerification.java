package org.quantado.moe.verify;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

import org.quantado.moe.MoeParallel;
import org.quantado.moe.QuantizedMoe;
import org.quantado.moe.model.MoeLayer;
import org.quantado.moe.model.MoeLayers;
import org.quantado.schemes.checkpoint.Checkpoint;
import org.quantado.schemes.checkpoint.CheckpointException;
import org.quantado.schemes.checkpoint.DType;
import org.quantado.schemes.checkpoint.Tensor;
import org.quantado.schemes.linear.Activations;
import org.quantado.schemes.linear.OnlineFormat;
import org.quantado.schemes.model.Model;
import org.quantado.schemes.verify.LayerResult;

import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/**
 * Runs the one block of experts of a folder for which {@code expected.safetensors} has an input and a result.
 *
 * <p>The file has {@code x} {@code [T, H]} and {@code y_ref} {@code [T, H]}, for activations off {@code y_ref_weight_only}
 * where that differs. A checkpoint with a router is run whole; else the file has {@code router_logits}, or
 * {@code topk_ids} and {@code topk_weights}. Row by row, the largest error must be within {@value #TOLERANCE} of the
 * row's largest value.
 */
public final class MoeVerification implements AutoCloseable {
    /** Error of sums in float, relative to the largest result of a token. */
    static final double TOLERANCE = 1e-5;

    private static final String FILE_NAME = "expected.safetensors";

    private final Model model;
    private final Checkpoint expected;
    private final MoeLayer layer;
    private final Activations activations;
    private final Optional<OnlineFormat> online;

    private MoeVerification(Model model, Checkpoint expected, MoeLayer layer, Activations activations,
            Optional<OnlineFormat> online) {
        this.model = model;
        this.expected = expected;
        this.layer = layer;
        this.activations = activations;
        this.online = online;
    }

    /**
     * Whether a folder has a block of experts and results for it, which is to be opened here and not by the verification
     * of linear layers.
     *
     * @throws CheckpointException if the folder's files are wrong
     */
    public static boolean isFor(Path folder) {
        Path file = folder.resolve(FILE_NAME);
        if (!Files.exists(file)) {
            return false;
        }
        try (Model model = Model.open(folder); Checkpoint expected = Checkpoint.open(file)) {
            return expected.find("x").isPresent() && MoeLayers.of(model).size() == 1;
        }
    }

    /**
     * Opens a folder.
     *
     * @param activations whether activations are quantized where the config says so
     * @param online what unquantized experts become while loading; without it they are run as they are
     * @throws CheckpointException if it has no checkpoint, not one block of experts, or nothing to compare with
     */
    public static MoeVerification open(Path folder, Activations activations, Optional<OnlineFormat> online) {
        Model model = Model.open(folder);
        try {
            List<MoeLayer> layers = MoeLayers.of(model);
            if (layers.size() != 1) {
                throw new CheckpointException(folder.toString(), layers.size() + " blocks of experts", "one");
            }
            Checkpoint expected = Checkpoint.open(folder.resolve(FILE_NAME));
            return new MoeVerification(model, expected, layers.getFirst(), activations, online);
        } catch (RuntimeException e) {
            model.close();
            throw e;
        }
    }

    /** Name of the block. */
    public String layer() {
        return layer.name();
    }

    /**
     * Runs the block.
     *
     * @throws CheckpointException if it cannot be loaded, or its reference does not fit it
     */
    public LayerResult run() {
        long start = System.nanoTime();
        try (QuantizedMoe moe = layer.load(MoeParallel.WHOLE, activations, online)) {
            long prepared = System.nanoTime();
            int hidden = moe.spec().hidden();
            Tensor x = expected.tensor("x");
            int tokens = Math.toIntExact(x.elements() / hidden);
            x.requireShape(tokens, hidden);
            Tensor y = reference().requireShape(tokens, hidden);
            FloatArray found = apply(moe, FloatArray.fromArray(x.toFloats()), tokens);
            long applied = System.nanoTime();
            RowErrors errors = RowErrors.of(found, y.toFloats(), hidden, TOLERANCE);
            return new LayerResult(layer.name(), layer.method(online).name(), tokens, hidden, hidden,
                    errors.worstError(), errors.sqnr(), 0, prepared - start, applied - prepared);
        }
    }

    private Tensor reference() {
        Optional<Tensor> weightOnly = activations == Activations.OFF
                ? expected.find("y_ref_weight_only")
                : Optional.empty();
        return weightOnly.orElseGet(() -> expected.tensor("y_ref"));
    }

    private FloatArray apply(QuantizedMoe moe, FloatArray x, int tokens) {
        if (moe.hasRouter()) {
            return moe.apply(x);
        }
        Optional<Tensor> logits = expected.find("router_logits");
        if (logits.isPresent()) {
            return moe.apply(x, FloatArray.fromArray(
                    logits.get().requireShape(tokens, moe.spec().experts()).toFloats()));
        }
        int topK = moe.spec().router().topK();
        if (expected.find("topk_ids").isEmpty()) {
            throw new CheckpointException(model.checkpoint().path(), moe.spec().routerTensors().orElseThrow().weight(),
                    "nothing", "what chooses the experts, here or as router_logits or topk_ids in "
                            + expected.path());
        }
        return moe.apply(x,
                FloatArray.fromArray(expected.tensor("topk_weights").requireShape(tokens, topK).toFloats()),
                IntArray.fromArray(expected.tensor("topk_ids").requireDType(DType.I32).requireShape(tokens, topK)
                        .toInts()));
    }

    @Override
    public void close() {
        expected.close();
        model.close();
    }
}
