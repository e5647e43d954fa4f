package org.quantado.server.http;

import java.time.Duration;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.function.ToDoubleFunction;

import org.quantado.server.batch.BatchStatistics;
import org.quantado.server.batch.Outcome;
import org.quantado.server.batch.Scheduler;

import io.micrometer.core.instrument.DistributionSummary;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Timer;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;

/** Figures for Prometheus. */
final class ServerMetrics {
    private static final double NANOS_PER_SECOND = 1e9;
    private static final Duration[] LATENCIES = {Duration.ofMillis(10), Duration.ofMillis(50), Duration.ofMillis(100),
            Duration.ofMillis(250), Duration.ofMillis(500), Duration.ofSeconds(1), Duration.ofSeconds(2),
            Duration.ofSeconds(5), Duration.ofSeconds(10), Duration.ofSeconds(30), Duration.ofSeconds(60)};

    private final PrometheusMeterRegistry registry = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
    private final Timer firstToken;
    private final DistributionSummary rate;

    ServerMetrics(Scheduler scheduler) {
        BatchStatistics batch = scheduler.statistics();
        gauge("quantado.queue.requests", "Requests that wait for a slot.", scheduler, Scheduler::waiting);
        gauge("quantado.queue.limit", "Requests that may wait.", scheduler, it -> it.settings().queue());
        gauge("quantado.slots.busy", "Requests that run.", batch, BatchStatistics::busySlots);
        gauge("quantado.slots", "Requests that may run at a time.", scheduler, it -> it.settings().slots());
        gauge("quantado.cache.tokens", "Tokens that the cache has, those of ended requests included.", batch,
                BatchStatistics::cachedTokens);
        gauge("quantado.cache.limit", "Tokens that the cache has room for.", scheduler,
                it -> (double) it.settings().slots() * it.context());
        counter("quantado.prompt.tokens", "Tokens of prompts that the model read.", batch,
                BatchStatistics::promptTokens);
        counter("quantado.prompt.tokens.reused", "Tokens of prompts that were in the cache already.", batch,
                BatchStatistics::reusedTokens);
        counter("quantado.answer.tokens", "Tokens that the model gave.", batch, BatchStatistics::answerTokens);
        counter("quantado.steps", "Executions that gave them.", batch, BatchStatistics::steps);
        firstToken = Timer.builder("quantado.first.token").description("From a request to its first token.")
                .serviceLevelObjectives(LATENCIES).register(registry);
        rate = DistributionSummary.builder("quantado.answer.tokens.per.second")
                .description("Tokens of an answer in a second, from its second on.")
                .serviceLevelObjectives(1, 2, 5, 10, 20, 50, 100, 200, 500, 1000).register(registry);
    }

    private <T> void gauge(String name, String description, T subject, ToDoubleFunction<T> value) {
        Gauge.builder(name, subject, value).description(description).register(registry);
    }

    private <T> void counter(String name, String description, T subject, ToDoubleFunction<T> value) {
        FunctionCounter.builder(name, subject, value).description(description).register(registry);
    }

    /** A response was sent. */
    void responded(String path, int status) {
        registry.counter("quantado.requests", "path", path, "status", String.valueOf(status)).increment();
    }

    /** An answer ended. */
    void answered(Outcome outcome) {
        registry.counter("quantado.answers", "end", outcome.end().name().toLowerCase(Locale.ROOT)).increment();
        if (outcome.answerTokens() > 0) {
            firstToken.record(outcome.firstNanos(), TimeUnit.NANOSECONDS);
        }
        if (outcome.answerTokens() > 1 && outcome.restNanos() > 0) {
            rate.record((outcome.answerTokens() - 1) * NANOS_PER_SECOND / outcome.restNanos());
        }
    }

    /** All of them, in Prometheus' text format. */
    String text() {
        return registry.scrape();
    }
}
