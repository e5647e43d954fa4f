package org.quantado.server.batch;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;

import org.quantado.models.ModelOptions;
import org.quantado.models.generate.GenerationRequest;
import org.quantado.models.generate.Sampling;
import org.quantado.server.Tales;
import org.quantado.server.model.ServedModel;

/**
 * Tokens per second of many clients beside those of one, in pairs; {@code -Dquantado.throughput.pairs=5} runs it, on the
 * demo's model or the one in the folder {@code -Dquantado.throughput.model}.
 */
@EnabledIfSystemProperty(named = "quantado.throughput.pairs", matches = "\\d+")
class SchedulerThroughputTest {
    private static final int CLIENTS = 8;
    private static final int PROMPT = 64;
    private static final int ANSWER = 32;
    /** Short, so that both of a pair find the machine at about the same speed. */
    private static final long LEAST_NANOS = Duration.ofSeconds(4).toNanos();
    private static final Duration TIME_LIMIT = Duration.ofSeconds(100);

    @Test
    void manyClientsGetSeveralTimesTheTokensOfOne() throws Exception {
        Path folder = Path.of(System.getProperty("quantado.throughput.model", Tales.folder().toString()));
        try (ServedModel model = ServedModel.open(folder, folder.getFileName().toString(), ModelOptions.USUAL, CLIENTS);
                Scheduler scheduler = new Scheduler(model.session(), model.tokenizer(),
                        new BatchSettings(CLIENTS, CLIENTS, TIME_LIMIT))) {
            int[] text = model.tokenizer().encode(Tales.text());
            GenerationRequest request = new GenerationRequest(Sampling.GREEDY, ANSWER, Set.of(), List.of());
            List<BatchRequest> requests = new ArrayList<>();
            for (int i = 0; i < CLIENTS; i++) {
                requests.add(BatchRequest.of(Arrays.copyOfRange(text, i * PROMPT, (i + 1) * PROMPT), request, 0));
            }
            tokensPerSecond(scheduler, requests);
            List<Double> times = new ArrayList<>();
            for (int pair = 0; pair < Integer.getInteger("quantado.throughput.pairs"); pair++) {
                double one = tokensPerSecond(scheduler, requests.subList(0, 1));
                double many = tokensPerSecond(scheduler, requests);
                System.out.printf("one client: %.0f tokens/s, %d: %.0f tokens/s, %.2f times%n", one, CLIENTS, many,
                        many / one);
                times.add(many / one);
            }
            double median = times.stream().sorted().toList().get(times.size() / 2);
            System.out.printf("median: %.2f times%n", median);
            assertThat(median).isGreaterThan(1);
        }
    }

    private static double tokensPerSecond(Scheduler scheduler, List<BatchRequest> requests) throws Exception {
        long start = System.nanoTime();
        long tokens = 0;
        try (ExecutorService clients = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<Long>> running = new ArrayList<>();
            for (BatchRequest request : requests) {
                Callable<Long> work = () -> {
                    long answered = 0;
                    do {
                        Collected answer = new Collected();
                        scheduler.submit(request, answer);
                        answered += answer.outcome().answerTokens();
                    } while (System.nanoTime() - start < LEAST_NANOS);
                    return answered;
                };
                running.add(clients.submit(work));
            }
            for (Future<Long> client : running) {
                tokens += client.get();
            }
        }
        return tokens / ((System.nanoTime() - start) * 1e-9);
    }
}
