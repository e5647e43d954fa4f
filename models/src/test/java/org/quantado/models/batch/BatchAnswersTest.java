package org.quantado.models.batch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.ObjectInputStream;
import java.io.ObjectOutputStream;
import java.io.Serializable;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.function.IntConsumer;
import java.util.stream.IntStream;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.quantado.models.ModelOptions;
import org.quantado.models.decoder.InputException;
import org.quantado.models.generate.Sampling;
import org.quantado.models.text.TestModels;
import org.quantado.schemes.cluster.Cluster;
import org.quantado.schemes.cluster.ClusterTask;
import org.quantado.schemes.cluster.Place;
import org.quantado.schemes.cluster.TaskResult;
import org.quantado.schemes.cluster.ThisMachine;

/** A file of prompts gets the same answers wherever they are given, and however often the work is interrupted. */
class BatchAnswersTest {
    private static final int PROMPTS = 23;
    private static final int PARALLEL = 3;
    private static final List<String> BEGINNINGS = List.of("Once upon a time", "There was a bear", "the",
            "a b c d e f");

    @TempDir
    private Path folder;
    private Path prompts;
    private Path out;

    @BeforeEach
    void writePrompts() throws IOException {
        prompts = folder.resolve("prompts.jsonl");
        out = folder.resolve("answers.jsonl");
        Files.write(prompts, IntStream.range(0, PROMPTS).mapToObj(line -> line % 7 == 3
                ? "{\"id\": " + line + "}"
                : "{\"id\": " + line + ", \"prompt\": \"" + BEGINNINGS.get(line % 4).repeat(1 + line % 3) + "\"}")
                .toList());
    }

    private BatchAnswers write(Cluster cluster, int parallel, IntConsumer progress) throws IOException {
        AnswerRule rule = AnswerRule.of(Sampling.GREEDY.withTemperature(1), 1, 12, List.of("!"), parallel);
        try (cluster) {
            return BatchAnswers.write(cluster, TestModels.tales(), ModelOptions.USUAL.withContext(64), rule, prompts,
                    out, progress);
        }
    }

    private String whole() throws IOException {
        write(new ThisMachine(), PARALLEL, _ -> {
        });
        String whole = Files.readString(out);
        Files.delete(out);
        return whole;
    }

    /** Tasks get to it, and results from it, as bytes; the last task comes first. */
    private static final class Elsewhere implements Cluster {
        private final ThisMachine machine = new ThisMachine();

        @Override
        public int slots() {
            return 2;
        }

        @Override
        public <P extends AutoCloseable, R extends Serializable> void run(String name, Place<P> place,
                List<? extends ClusterTask<? super P, R>> tasks, Consumer<TaskResult<R>> done) throws IOException {
            assertThat(tasks).hasSizeGreaterThan(1);
            for (int task = tasks.size() - 1; task >= 0; task--) {
                int number = task;
                machine.run(name, place, List.of(copy(tasks.get(task))),
                        result -> done.accept(copy(new TaskResult<>(number, result.value(), name, result.nanos()))));
            }
        }

        @SuppressWarnings("unchecked") // a copy is of the same class
        private static <T extends Serializable> T copy(T object) {
            ByteArrayOutputStream bytes = new ByteArrayOutputStream();
            try (ObjectOutputStream to = new ObjectOutputStream(bytes)) {
                to.writeObject(object);
                to.flush();
                return (T) new ObjectInputStream(new ByteArrayInputStream(bytes.toByteArray())).readObject();
            } catch (IOException | ClassNotFoundException e) {
                throw new IllegalStateException(e);
            }
        }

        @Override
        public void close() {
            machine.close();
        }
    }

    @Test
    void otherProcessesGiveTheSameAnswers() throws IOException {
        String whole = whole();
        assertThat(whole.lines()).hasSize(PROMPTS).allMatch(line -> line.contains("\"text\"")
                || line.contains("\"error\":\"field prompt"));
        AtomicInteger answered = new AtomicInteger();
        BatchAnswers answers = write(new Elsewhere(), PARALLEL, answered::addAndGet);
        assertThat(out).content().isEqualTo(whole);
        assertThat(answered).hasValue(PROMPTS);
        assertThat(answers.failed()).isEqualTo(3);
        assertThat(answers.workers()).singleElement().satisfies(
                rate -> assertThat(rate.work()).isEqualTo(answers.tokens()).isPositive());
    }

    @Test
    void interruptedWorkGoesOn() throws IOException {
        String whole = whole();
        IllegalStateException killed = new IllegalStateException("killed");
        for (int round = 0; round < 3; round++) {
            AtomicInteger answered = new AtomicInteger();
            assertThatThrownBy(() -> write(new ThisMachine(), PARALLEL, more -> {
                if (answered.addAndGet(more) > 3 * PARALLEL) {
                    throw killed;
                }
            })).isSameAs(killed);
        }
        assertThat(out).doesNotExist();
        assertThatThrownBy(() -> write(new ThisMachine(), PARALLEL + 1, _ -> {
        })).isInstanceOf(InputException.class).hasMessageContaining("other answers");
        cutOffTheLastAnswer();
        BatchAnswers answers = write(new Elsewhere(), PARALLEL, _ -> {
        });
        assertThat(answers.answeredBefore()).isPositive().isLessThan(PROMPTS).isEqualTo(
                answers.answeredBefore() / PARALLEL * PARALLEL);
        assertThat(out).content().isEqualTo(whole);
    }

    /** As a crash does: the task to which it belongs is done again whole. */
    private void cutOffTheLastAnswer() throws IOException {
        Path partial = folder.resolve("answers.jsonl.partial");
        String noted = Files.readString(partial);
        Files.writeString(partial, noted.substring(0, noted.length() - 9));
    }

    @Test
    void theCacheHasRoomForTheLongestAnswer() throws IOException {
        write(new ThisMachine(), 1, _ -> {
        });
        assertThat(Files.readString(out)).contains("\"end\":\"length\"").doesNotContain("\"end\":\"context\"");
    }
}
