package org.quantado.models.verify;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

import org.quantado.models.LanguageModel;
import org.quantado.models.ModelOptions;
import org.quantado.models.decoder.Session;
import org.quantado.schemes.checkpoint.Checkpoint;
import org.quantado.schemes.checkpoint.CheckpointException;
import org.quantado.schemes.checkpoint.Tensor;
import org.quantado.schemes.linear.Activations;
import org.quantado.schemes.verify.LayerResult;

import uk.ac.manchester.tornado.api.types.arrays.FloatArray;

/**
 * Runs the model of a folder on the ids for which {@code expected.safetensors} has logits, states of layers, greedy
 * continuations or negative log likelihoods, and compares.
 *
 * <p>Logits and states must be within 1e-4 of what is expected. Where activations are rounded, one of them may lie on another
 * side of a boundary: then most rows must be, or the divergence from the expected logits must be a tenth of what
 * quantization costs, except for the prompt that was chosen to have none there. Greedy ids must be equal where the margin says
 * so, each after the expected ones before it.
 */
public final class ModelVerification implements AutoCloseable {
    private static final String FILE_NAME = "expected.safetensors";
    private static final String LOGITS = "logits";
    private static final String TEXT_IDS = "text.input_ids";
    private static final String TEXT_NLL = "nll_windows256";
    private static final int TEXT_WINDOW = 256;

    /** Margins of logits that float arithmetic decides, and those that rounded activations do. */
    private static final double MARGIN = 1e-3;
    private static final double ROUNDED_MARGIN = 0.3;
    /** Relative errors of perplexities. */
    private static final double PERPLEXITY_TOLERANCE = 1e-5;
    private static final double ROUNDED_PERPLEXITY_TOLERANCE = 5e-3;
    /** Mean divergence of a run with an activation on another side of a boundary: a tenth of quantization's own. */
    private static final double ALLOWED_DIVERGENCE = 0.01;

    private final LanguageModel model;
    private final Session session;
    private final ExpectedTensors expected;
    private final long prepareNanos;

    private ModelVerification(LanguageModel model, Session session, ExpectedTensors expected, long prepareNanos) {
        this.model = model;
        this.session = session;
        this.expected = expected;
        this.prepareNanos = prepareNanos;
    }

    /** Whether a folder has results of a whole model. */
    public static boolean isFor(Path folder) {
        Path file = folder.resolve(FILE_NAME);
        if (!Files.exists(file)) {
            return false;
        }
        try (Checkpoint tensors = Checkpoint.open(file)) {
            return !ModelCase.of(new ExpectedTensors(folder, tensors, Activations.CONFIG)).isEmpty();
        }
    }

    /**
     * Loads the model of a folder.
     *
     * @throws CheckpointException if it cannot be loaded, or there is nothing to compare with
     */
    public static ModelVerification open(Path folder, Activations activations) {
        long start = System.nanoTime();
        Checkpoint tensors = Checkpoint.open(folder.resolve(FILE_NAME));
        try {
            LanguageModel model = LanguageModel.open(folder, ModelOptions.USUAL.withActivations(activations));
            Session session = model.observedSession(1);
            return new ModelVerification(model, session, new ExpectedTensors(folder, tensors, activations),
                    System.nanoTime() - start);
        } catch (RuntimeException e) {
            tensors.close();
            throw e;
        }
    }

    /**
     * Runs the model on all prompts.
     *
     * @throws CheckpointException if a reference does not fit the model
     */
    public List<LayerResult> run() {
        List<LayerResult> results = new ArrayList<>();
        for (ModelCase some : ModelCase.of(expected)) {
            runPrompt(some, results);
            expected.find(some, "greedy_ids").ifPresent(ids -> results.add(runGreedy(some, ids)));
        }
        expected.find(new ModelCase("text."), TEXT_NLL).ifPresent(nll -> results.add(runText(nll)));
        return results;
    }

    private void runPrompt(ModelCase some, List<LayerResult> results) {
        long start = System.nanoTime();
        int[] ids = expected.ids(some);
        int hidden = model.spec().hidden();
        Optional<Differences> logits = differences(some, LOGITS, model.spec().vocabulary(), ids.length);
        Optional<Differences> embedding = differences(some, "embed", hidden, ids.length);
        List<Optional<Differences>> states = layers(some, "hidden_states", ids.length);
        List<Optional<Differences>> attended = layers(some, "attn_output", ids.length);
        int sequence = session.open();
        try {
            session.observe(sequence, ids, new Session.StateReader() {
                @Override
                public void hidden(int layer, int first, int count, FloatArray values) {
                    (layer < 0 ? embedding : states.get(layer)).ifPresent(found -> found.add(first, count, values));
                }

                @Override
                public void attended(int layer, int first, int count, FloatArray values) {
                    attended.get(layer).ifPresent(found -> found.add(first, count, values));
                }
            }, (first, count, values) -> logits.ifPresent(found -> found.add(first, count, values)));
        } finally {
            session.close(sequence);
        }
        long nanos = System.nanoTime() - start;
        logits.ifPresent(found -> results.add(result(some, LOGITS, found, nanos)));
        embedding.ifPresent(found -> results.add(result(some, "embed", found, nanos)));
        worst(states).ifPresent(found -> results.add(result(some, "hidden_states", found, nanos)));
        worst(attended).ifPresent(found -> results.add(result(some, "attn_output", found, nanos)));
    }

    private Optional<Differences> differences(ModelCase some, String name, int width, int rows) {
        return expected.find(some, name)
                .map(tensor -> new Differences(tensor.requireShape(rows, width).toFloats(), width));
    }

    private List<Optional<Differences>> layers(ModelCase some, String name, int rows) {
        int layers = model.spec().layers().size();
        int hidden = model.spec().hidden();
        List<Optional<Differences>> all = new ArrayList<>();
        Optional<Tensor> tensor = expected.find(some, name).map(found -> found.requireShape(layers, rows, hidden));
        for (int layer = 0; layer < layers; layer++) {
            int number = layer;
            all.add(tensor.map(found -> new Differences(found.part(number).toFloats(), hidden)));
        }
        return all;
    }

    private static Optional<Differences> worst(List<Optional<Differences>> layers) {
        return layers.stream().flatMap(Optional::stream).reduce((a, b) -> a.worst() >= b.worst() ? a : b);
    }

    private LayerResult result(ModelCase some, String name, Differences found, long nanos) {
        boolean mayDiffer = some.isStable()
                ? expected.noiseOfStablePrompt() > Differences.TOLERANCE
                : expected.roundsActivations();
        return new LayerResult(some.prefix() + name, model.spec().modelType(), found.rows(), found.width(),
                model.spec().hidden(), mayDiffer ? found.worstOfMost(ALLOWED_DIVERGENCE) : found.worst(), found.sqnr(),
                0, prepareNanos, nanos);
    }

    /** Each id after the expected ones before it; an error of infinity for one that is another. */
    private LayerResult runGreedy(ModelCase some, Tensor tensor) {
        long start = System.nanoTime();
        int[] greedy = ExpectedTensors.ids(tensor);
        float[] margins = expected.find(some, "greedy_margins").orElseThrow(
                () -> tensor.error("no margins beside it", "greedy_margins")).requireShape(greedy.length).toFloats();
        double decided = expected.roundsActivations() ? ROUNDED_MARGIN : MARGIN;
        int sequence = session.open();
        int wrong = 0;
        try {
            int[] next = {session.next(sequence, expected.ids(some))};
            for (int i = 0; i < greedy.length; i++) {
                boolean isWrong = next[0] != greedy[i] && margins[i] > decided;
                wrong += isWrong ? 1 : 0;
                if (i < greedy.length - 1) {
                    session.step(new int[]{sequence}, new int[]{greedy[i]}, next);
                }
            }
        } finally {
            session.close(sequence);
        }
        return new LayerResult(some.prefix() + "greedy_ids", model.spec().modelType(), greedy.length, 1,
                model.spec().hidden(), wrong == 0 ? 0 : Double.POSITIVE_INFINITY, Double.POSITIVE_INFINITY, 0,
                prepareNanos, System.nanoTime() - start);
    }

    /** Windows of a text, each from its own first id on. */
    private LayerResult runText(Tensor tensor) {
        long start = System.nanoTime();
        int[] ids = ExpectedTensors.ids(expected.file().tensor(TEXT_IDS));
        float[] wanted = tensor.toFloats();
        double sum = 0;
        for (int from = 0; from < ids.length; from += TEXT_WINDOW) {
            sum += likelihood(ids, from, Math.min(ids.length, from + TEXT_WINDOW));
        }
        double wantedSum = 0;
        for (float one : wanted) {
            wantedSum += one;
        }
        double error = Math.abs(Math.exp((sum - wantedSum) / wanted.length) - 1);
        double tolerance = expected.roundsActivations() ? ROUNDED_PERPLEXITY_TOLERANCE : PERPLEXITY_TOLERANCE;
        return new LayerResult("text." + TEXT_NLL, model.spec().modelType(), wanted.length, 1, model.spec().hidden(),
                error / tolerance, Double.POSITIVE_INFINITY, 0, prepareNanos, System.nanoTime() - start);
    }

    /** The negative log likelihood of the ids {@code from + 1} to {@code to}, exclusive, after those before them. */
    private double likelihood(int[] ids, int from, int to) {
        double[] sum = new double[1];
        int[] window = Arrays.copyOfRange(ids, from, to);
        int sequence = session.open();
        try {
            session.logits(sequence, window, (first, count, logits) -> {
                for (int row = 0; row < count && first + row + 1 < window.length; row++) {
                    sum[0] += negativeLog(logits, row * session.vocabulary(), window[first + row + 1]);
                }
            });
        } finally {
            session.close(sequence);
        }
        return sum[0];
    }

    private double negativeLog(FloatArray logits, int at, int id) {
        double max = Double.NEGATIVE_INFINITY;
        for (int i = 0; i < session.vocabulary(); i++) {
            max = Math.max(max, logits.get(at + i));
        }
        double sum = 0;
        for (int i = 0; i < session.vocabulary(); i++) {
            sum += Math.exp(logits.get(at + i) - max);
        }
        return Math.log(sum) + max - logits.get(at + id);
    }

    @Override
    public void close() {
        session.close();
        expected.file().close();
    }
}
