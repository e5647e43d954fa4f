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

import org.quantado.models.ModelOptions;
import org.quantado.models.SharedModel;
import org.quantado.models.decoder.InputException;
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
    /** Lines that a process takes at a time: few enough to be shared evenly, and to be lost with a machine. */
    private static final int LINES_PER_TASK = 4;

    public BatchAnswers {
        workers = List.copyOf(workers);
    }

    /**
     * Answers a file of prompts: a line of JSON for each, in the order of the prompts. Each line's answer is the same
     * wherever and with whichever others it is given.
     *
     * @param cluster the processes; each opens the model once
     * @param model folder of the model
     * @param options how it is opened; the format of the cache is the usual one
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
        BatchModel place = new BatchModel(SharedModel.of(model, options), rule);
        try (AnswerJournal journal = AnswerJournal.open(out, place.toString() + prompts.toRealPath() + ", "
                + SharedFiles.identity(prompts))) {
            int before = journal.answers().size();
            progress.accept(before);
            WorkerRate.Sums rates = new WorkerRate.Sums();
            List<AnswerTask> tasks = tasks(lines, journal);
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

    private static List<AnswerTask> tasks(List<String> lines, AnswerJournal journal) {
        List<AnswerTask> tasks = new ArrayList<>();
        for (int line = 0; line < lines.size(); line++) {
            if (journal.answers().containsKey(line)) {
                continue;
            }
            AnswerTask last = tasks.isEmpty() ? null : tasks.getLast();
            if (last == null || last.first() + last.lines().size() != line || last.lines().size() == LINES_PER_TASK) {
                last = new AnswerTask(line, new ArrayList<>());
                tasks.add(last);
            }
            last.lines().add(lines.get(line));
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
