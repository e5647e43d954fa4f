package org.quantado.bench.model;

import com.sun.management.ThreadMXBean;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.quantado.bench.model.ModelTime.Phase;
import org.quantado.bench.timing.Stopwatch;
import org.quantado.bench.workloads.WeightFormat;
import org.quantado.models.LanguageModel;
import org.quantado.models.ModelOptions;
import org.quantado.models.decoder.Session;
import org.quantado.schemes.quantize.Preset;

/**
 * A whole model of random weights: its start, a prompt, a token of one sequence, a token of each of several.
 *
 * @param shape of the model
 * @param format of the weights of its layers; embedding and head are bf16
 * @param prompt ids of the prompt
 * @param answer ids that there is room for after it
 * @param sequences at once
 * @param seconds how long to repeat each
 */
public record ModelBench(ModelShape shape, WeightFormat format, int prompt, int answer, int sequences,
        double seconds) {
    private static final String FOLDER = "quantado-bench-";

    /**
     * Writes the model into the system's folder for temporary files, measures, and deletes it.
     *
     * @throws IOException if it cannot be written
     */
    public ModelMeasurements run() throws IOException {
        Path folder = Files.createTempDirectory(FOLDER);
        try {
            RandomCheckpoint.write(folder, shape, Preset.named(format.preset()));
            return measure(folder);
        } finally {
            delete(folder);
        }
    }

    private static void delete(Path folder) throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            for (Path file : files.toList()) {
                Files.delete(file);
            }
        }
        Files.delete(folder);
    }

    private ModelMeasurements measure(Path folder) throws IOException {
        long start = System.nanoTime();
        LanguageModel model = LanguageModel.open(folder, ModelOptions.USUAL.withContext(prompt + answer));
        long loaded = System.nanoTime();
        int[] ids = new SplittableRandom(prompt).ints(prompt, 0, shape.vocabulary()).toArray();
        List<ModelTime> times = new ArrayList<>();
        double firstToken;
        int kernels;
        try (Session session = model.session(sequences)) {
            int first = session.open();
            session.next(first, ids);
            firstToken = (System.nanoTime() - loaded) * 1e-9;
            kernels = session.kernels();
            Products products = Products.measure(folder, shape, new Stopwatch(seconds), sequences, prompt);
            times.add(time(session, Phase.PROMPT, prompt, products.prompt(), () -> {
                session.truncate(first, 0);
                session.next(first, ids);
            }));
            times.add(time(session, Phase.DECODE, 1, products.token(), step(session, new int[]{first})));
            int[] all = IntStream.range(0, sequences).map(i -> i == 0 ? first : session.open()).toArray();
            IntStream.of(all).skip(1).forEach(sequence -> session.next(sequence, ids));
            times.add(time(session, Phase.DECODE_MANY, sequences, products.tokens(), step(session, all)));
        }
        return new ModelMeasurements(shape, format.name().toLowerCase(Locale.ROOT), prompt,
                Files.size(folder.resolve("model.safetensors")), model.weightBytes(), model.cacheBytes(sequences),
                (loaded - start) * 1e-9, firstToken, kernels, times);
    }

    /** A token of each sequence, after the prompt every time. */
    private Runnable step(Session session, int[] sequences) {
        int[] ids = new int[sequences.length];
        int[] next = new int[sequences.length];
        return () -> {
            for (int sequence : sequences) {
                session.truncate(sequence, prompt);
            }
            session.step(sequences, ids, next);
        };
    }

    private ModelTime time(Session session, Phase phase, int tokens, double productNanos, Runnable call) {
        Stopwatch.Paired times = new Stopwatch(seconds).measure(call, session);
        session.profile(true);
        call.run();
        session.profile(false);
        Map<String, Map<String, Long>> byTask = new LinkedHashMap<>();
        session.takeTimesByGraph().forEach((graph, some) -> byTask.put(graph, some.nanosByTask()));
        return new ModelTime(phase, tokens, times.wall(), times.kernels(), productNanos,
                productNanos / times.wall().best(), tokens / (times.wall().best() * 1e-9), allocated(call), byTask);
    }

    private static long allocated(Runnable call) {
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        long before = threads.getCurrentThreadAllocatedBytes();
        call.run();
        return threads.getCurrentThreadAllocatedBytes() - before;
    }
}
