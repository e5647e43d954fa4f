package org.quantado.spark;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import java.util.stream.Stream;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.quantado.models.ModelOptions;
import org.quantado.models.SharedModel;
import org.quantado.models.TextModel;
import org.quantado.models.batch.AnswerRule;
import org.quantado.models.batch.BatchAnswers;
import org.quantado.models.calibrate.CalibrationProgress;
import org.quantado.models.calibrate.LayerCalibrator;
import org.quantado.models.calibrate.Recipe;
import org.quantado.models.evaluate.ClusterEvaluation;
import org.quantado.models.evaluate.Evaluation;
import org.quantado.models.evaluate.Likelihood;
import org.quantado.models.generate.Sampling;
import org.quantado.models.generate.TokenSequence;
import org.quantado.moe.family.KeptModules;
import org.quantado.schemes.cluster.Cluster;
import org.quantado.schemes.cluster.ThisMachine;
import org.quantado.schemes.cluster.WorkerRate;
import org.quantado.schemes.gptq.GptqOptions;
import org.quantado.schemes.quantize.CheckpointQuantizer;
import org.quantado.schemes.quantize.Preset;
import org.quantado.schemes.quantize.QuantizationProgress;
import org.quantado.schemes.quantize.QuantizationRequest;
import org.quantado.schemes.quantize.QuantizationResult;

/** A real cluster, of processes, one of which is killed in the middle of the work. */
class ClusterTest {
    private static final QuantizationRequest REQUEST = QuantizationRequest.of(Preset.named("NVFP4A16"));

    private static final Path MODEL = Path.of(System.getProperty("quantado.root"),
            "cli/src/main/resources/org/quantado/cli/demo/tales-2m");
    private static final int PROMPTS = 40;
    private static final int WINDOWS = 30;
    private static final int SAMPLES = 8;
    /** In the middle of the second layer's samples. */
    private static final int KILLED_AFTER = 2 * SAMPLES + 3;

    @TempDir
    private static Path folder;
    private static StandaloneCluster cluster;

    @BeforeAll
    static void start() throws IOException, InterruptedException {
        cluster = StandaloneCluster.start(folder, 2);
    }

    @AfterAll
    static void stop() throws InterruptedException {
        if (cluster != null) {
            cluster.close();
        }
    }

    /** Kills an executor when some of the work is done. */
    private static final class Killer implements QuantizationProgress {
        private long bytes;
        private boolean killed;

        @Override
        public void begin(long all) {
            bytes = all;
        }

        @Override
        public void advance(String tensor, long done) {
            bytes -= done;
            if (done > 0 && !killed) {
                cluster.killAnExecutor();
                killed = true;
            }
        }
    }

    @Test
    void quantizesToTheBytesOfOneMachine() throws IOException {
        Path in = RandomCheckpoint.write(folder.resolve("in"));
        Path expected = folder.resolve("expected");
        CheckpointQuantizer.quantize(in, expected, REQUEST, QuantizationProgress.NONE);
        Path out = folder.resolve("out");
        Killer killer = new Killer();

        QuantizationResult result;
        try (Cluster connected = SparkCluster.connect(cluster.url(), cluster.settings())) {
            result = CheckpointQuantizer.quantize(in, out, REQUEST, killer, connected);
        }

        assertThat(killer.killed).isTrue();
        assertThat(killer.bytes).isZero();
        assertThat(result.workers().stream().mapToLong(WorkerRate::work).sum()).isEqualTo(RandomCheckpoint.LAYER_BYTES);
        assertSameFiles(out, expected);
    }

    @Test
    void calibratesToTheBytesOfOneMachine() throws IOException {
        Recipe recipe = Recipe.TO_NEAREST.withGptq(GptqOptions.DEFAULT, GptqOptions.DEFAULT_ORDER);
        Path expected = folder.resolve("calibrated-expected");
        CheckpointQuantizer.quantize(MODEL, expected, calibrated(recipe, CalibrationProgress.NONE),
                QuantizationProgress.NONE);
        Path out = folder.resolve("calibrated");
        AtomicInteger runs = new AtomicInteger();

        QuantizationResult result;
        try (Cluster connected = SparkCluster.connect(cluster.url(), cluster.settings())) {
            result = CheckpointQuantizer.quantize(MODEL, out, calibrated(recipe, new CalibrationProgress() {
                @Override
                public void samples(int count) {
                    if (runs.getAndAdd(count) < KILLED_AFTER && runs.get() >= KILLED_AFTER) {
                        cluster.killAnExecutor();
                    }
                }
            }), QuantizationProgress.NONE, connected);
        }

        assertThat(runs.get()).isGreaterThan(KILLED_AFTER);
        assertThat(result.calibrators().stream().mapToLong(WorkerRate::work).sum()).isEqualTo(runs.get());
        assertSameFiles(out, expected);
    }

    private static QuantizationRequest calibrated(Recipe recipe, CalibrationProgress progress) {
        return QuantizationRequest.of(Preset.named("W4A16")).keeping(KeptModules.of(MODEL.resolve("config.json")))
                .calibratedBy(LayerCalibrator.of(MODEL, "ids", LocalCalibrationTest.samples(SAMPLES), recipe,
                        progress));
    }

    @Test
    void answersAsOneMachineDoes() throws IOException {
        Path prompts = folder.resolve("prompts.jsonl");
        Files.write(prompts, IntStream.range(0, PROMPTS)
                .mapToObj(line -> "{\"id\": " + line + (line % 5 == 4 ? "}" : ", \"prompt\": \"Once upon a time\"}"))
                .toList());
        AnswerRule rule = AnswerRule.of(Sampling.GREEDY.withTemperature(1), 1, 16, List.of(), 4);
        ModelOptions options = ModelOptions.USUAL.withContext(64);
        Path expected = folder.resolve("expected.jsonl");
        try (Cluster alone = new ThisMachine()) {
            BatchAnswers.write(alone, MODEL, options, rule, prompts, expected, _ -> {
            });
        }
        Path out = folder.resolve("answers.jsonl");
        AtomicInteger answered = new AtomicInteger();

        BatchAnswers answers;
        try (Cluster connected = SparkCluster.connect(cluster.url(), cluster.settings())) {
            answers = BatchAnswers.write(connected, MODEL, options, rule, prompts, out, more -> {
                if (more > 0 && answered.getAndAdd(more) == 0) {
                    cluster.killAnExecutor();
                }
            });
        }

        assertThat(answered).hasValue(PROMPTS);
        assertThat(answers.failed()).isEqualTo(PROMPTS / 5);
        assertThat(out).hasSameBinaryContentAs(expected);
    }

    @Test
    void expectsATextAsOneMachineDoes() throws IOException {
        ModelOptions options = ModelOptions.USUAL.withContext(64);
        Random random = new Random(1);
        List<int[]> windows = IntStream.range(0, WINDOWS)
                .mapToObj(window -> random.ints(window == WINDOWS - 1 ? 5 : 33, 0, 256).toArray()).toList();
        Likelihood expected;
        try (TextModel model = TextModel.open(MODEL, options); TokenSequence sequence = model.sequence()) {
            expected = Evaluation.likelihood(sequence, windows, _ -> {
            });
        }
        AtomicInteger predicted = new AtomicInteger();

        ClusterEvaluation evaluation;
        try (Cluster connected = SparkCluster.connect(cluster.url(), cluster.settings())) {
            evaluation = ClusterEvaluation.of(connected, SharedModel.of(MODEL, options, 1), windows, more -> {
                if (predicted.getAndAdd(more) == 0) {
                    cluster.killAnExecutor();
                }
            });
        }

        assertThat(evaluation.likelihood()).isEqualTo(expected);
        assertThat(predicted).hasValue(expected.predicted());
    }

    static void assertSameFiles(Path actual, Path expected) throws IOException {
        assertThat(files(actual)).isEqualTo(files(expected));
        for (Path file : files(expected)) {
            if (Files.isRegularFile(expected.resolve(file))) {
                assertThat(actual.resolve(file)).hasSameBinaryContentAs(expected.resolve(file));
            }
        }
    }

    private static List<Path> files(Path root) throws IOException {
        try (Stream<Path> files = Files.walk(root)) {
            return files.map(root::relativize).sorted().toList();
        }
    }
}
