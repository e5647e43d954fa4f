package org.quantado.models.verify;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

import org.quantado.models.LanguageModel;
import org.quantado.models.ModelOptions;
import org.quantado.models.decoder.Session;
import org.quantado.models.evaluate.Evaluation;
import org.quantado.models.evaluate.TextWindows;
import org.quantado.models.generate.SessionSequence;
import org.quantado.models.text.Tokenizer;
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
    private static final ModelCase TEXT = new ModelCase("text.");
    private static final String TEXT_IDS = "text.input_ids";
    private static final String WINDOWS_NLL = "nll_windows256";
    private static final String PARAGRAPHS_NLL = "nll_paragraphs";
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
        expected.find(TEXT, WINDOWS_NLL)
                .ifPresent(
                        nll -> results.add(runText(WINDOWS_NLL, nll, TextWindows.consecutive(textIds(), TEXT_WINDOW))));
        expected.find(TEXT, PARAGRAPHS_NLL)
                .ifPresent(nll -> results.add(runText(PARAGRAPHS_NLL, nll, paragraphs())));
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

    private int[] textIds() {
        return ExpectedTensors.ids(expected.file().tensor(TEXT_IDS));
    }

    /** Each paragraph of the text, with the ids that the model expects around it. */
    private List<int[]> paragraphs() {
        try (Tokenizer tokenizer = Tokenizer.open(expected.folder())) {
            return TextWindows.paragraphs(tokenizer, tokenizer.decode(textIds()));
        }
    }

    /** A text in windows, each from its own first id on. */
    private LayerResult runText(String name, Tensor tensor, List<int[]> windows) {
        long start = System.nanoTime();
        float[] wanted = tensor.requireShape(windows.stream().mapToInt(window -> window.length - 1).sum()).toFloats();
        double wantedSum = 0;
        for (float one : wanted) {
            wantedSum += one;
        }
        double found;
        try (SessionSequence sequence = new SessionSequence(session)) {
            found = Evaluation.likelihood(sequence, windows, tokens -> {
            }).meanNll();
        }
        double error = Math.abs(Math.exp(found - wantedSum / wanted.length) - 1);
        double tolerance = expected.roundsActivations() ? ROUNDED_PERPLEXITY_TOLERANCE : PERPLEXITY_TOLERANCE;
        return new LayerResult(TEXT.prefix() + name, model.spec().modelType(), wanted.length, 1, model.spec().hidden(),
                error / tolerance, Double.POSITIVE_INFINITY, 0, prepareNanos, System.nanoTime() - start);
    }

    @Override
    public void close() {
        session.close();
        expected.file().close();
    }
}
