package org.quantado.models.batch;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntConsumer;
import java.util.stream.IntStream;

import org.quantado.models.LanguageModel;
import org.quantado.models.ModelOptions;
import org.quantado.models.SharedModel;
import org.quantado.models.decoder.InputException;
import org.quantado.models.generate.GenerationException;
import org.quantado.models.text.Tokenizer;
import org.quantado.schemes.checkpoint.Checkpoint;
import org.quantado.schemes.checkpoint.CheckpointException;
import org.quantado.schemes.cluster.Cluster;
import org.quantado.schemes.cluster.SharedFiles;
import org.quantado.schemes.cluster.WorkerRate;

/**
 * What came of a file of prompts.
 *
 * @param prompts how many there are
 * @param answeredBefore how many an interrupted run had answered
 * @param failed how many are answered by what is wrong with them
 * @param tokens of all answers
 * @param workers how many tokens each process gave in this run
 */
public record BatchAnswers(int prompts, int answeredBefore, int failed, long tokens, List<WorkerRate> workers) {
    /** As many lines in a task as are answered at a time, up to this many times that, so that places are seldom empty. */
    private static final int MOST_ROUNDS = 4;
    /** Tasks that a file has at least before they get longer, so that processes share it evenly. */
    private static final int LEAST_TASKS = 16;

    public BatchAnswers {
        workers = List.copyOf(workers);
    }

    /**
     * Answers a file of prompts: a line of JSON for each, in the order of the prompts. Which prompts are answered together
     * depends on the file and the rule alone: so the answers are the same, whatever the number of processes of one kind,
     * the order in which they work, and what an interrupted run had done.
     * <p>
     * The cache has room for the longest prompt and its answer, {@link AnswerRule#parallel} times.
     *
     * @param cluster the processes; each opens the model once
     * @param model folder of the model
     * @param options how it is opened, and the longest context; the format of the cache is the usual one
     * @param prompts a file of lines as {@code generate --help} describes them
     * @param out the file to write, which does not exist
     * @param progress told of each prompt that is answered
     * @throws FileAlreadyExistsException if there is such a file
     * @throws InputException if other answers were begun there
     * @throws IOException if a disk refuses; what was answered is kept in {@code OUT.partial}
     */
    public static BatchAnswers write(Cluster cluster, Path model, ModelOptions options, AnswerRule rule, Path prompts,
            Path out, IntConsumer progress) throws IOException {
        if (Files.exists(out, LinkOption.NOFOLLOW_LINKS)) {
            throw new FileAlreadyExistsException(out.toString(), null, "it exists and is not overwritten");
        }
        List<String> lines = lines(prompts);
        BatchModel place = new BatchModel(
                SharedModel.of(model, options.withContext(context(model, options, rule, lines)), rule.parallel()),
                rule);
        try (AnswerJournal journal = AnswerJournal.open(out, place.toString() + prompts.toRealPath() + ", "
                + SharedFiles.identity(prompts))) {
            List<AnswerTask> tasks = tasks(lines, rule.parallel(), journal);
            int before = lines.size() - tasks.stream().mapToInt(task -> task.lines().size()).sum();
            progress.accept(before);
            WorkerRate.Sums rates = new WorkerRate.Sums();
            cluster.run("Answering " + (lines.size() - before) + " prompts", place, tasks, result -> {
                List<AnsweredLine> answers = result.value().lines();
                note(journal, tasks.get(result.task()).first(), answers);
                rates.add(result, answers.stream().mapToLong(AnsweredLine::tokens).sum());
                progress.accept(answers.size());
            });
            journal.commit();
            return new BatchAnswers(lines.size(), before,
                    (int) journal.answers().values().stream().filter(AnsweredLine::failed).count(),
                    journal.answers().values().stream().mapToLong(AnsweredLine::tokens).sum(), rates.rates());
        }
    }

    private static List<String> lines(Path prompts) throws IOException {
        try {
            List<String> lines = Files.readAllLines(prompts);
            if (lines.isEmpty()) {
                throw new CheckpointException(prompts.toString(), "no line", "a prompt on each");
            }
            return lines;
        } catch (CharacterCodingException e) {
            throw new CheckpointException(prompts.toString(), "bytes that are not UTF-8", "lines of JSON in UTF-8")
                    .causedBy(e);
        }
    }

    /** Positions that the longest prompt and its answer need, as far as the model has them. */
    private static int context(Path model, ModelOptions options, AnswerRule rule, List<String> lines) {
        int most = LanguageModel.context(model, options);
        int longest = 1;
        try (Tokenizer tokenizer = Tokenizer.open(Checkpoint.locate(model))) {
            for (String line : lines) {
                int tokens = promptTokens(line, tokenizer);
                longest = tokens > most ? longest : Math.max(longest, tokens);
            }
        }
        return (int) Math.min(most, (long) longest + rule.maxTokens());
    }

    private static int promptTokens(String line, Tokenizer tokenizer) {
        try {
            return tokenizer.encodeWithSpecialTokens(PromptLine.read(line).prompt()).length;
        } catch (GenerationException | InputException e) {
            return 0; // its answer will say so
        }
    }

    /** Those of which a line has no answer; they are cut at the same lines whatever was answered before. */
    private static List<AnswerTask> tasks(List<String> lines, int parallel, AnswerJournal journal) {
        int length = Math.clamp(lines.size() / LEAST_TASKS, parallel, MOST_ROUNDS * parallel);
        List<AnswerTask> tasks = new ArrayList<>();
        for (int first = 0; first < lines.size(); first += length) {
            int end = Math.min(lines.size(), first + length);
            if (!IntStream.range(first, end).allMatch(journal.answers()::containsKey)) {
                tasks.add(new AnswerTask(first, new ArrayList<>(lines.subList(first, end))));
            }
        }
        return tasks;
    }

    private static void note(AnswerJournal journal, int first, List<AnsweredLine> answers) {
        try {
            for (int i = 0; i < answers.size(); i++) {
                journal.add(first + i, answers.get(i));
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
