package org.quantado.models.batch;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Map;
import java.util.TreeMap;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;

import org.quantado.models.decoder.InputException;

/**
 * The answers that there are so far, in the file {@code OUT.partial}: what they depend on, then a line for each. A line that
 * a crash has cut off is none.
 */
final class AnswerJournal implements AutoCloseable {
    private static final JsonMapper MAPPER = new JsonMapper();
    private static final String SETTINGS = "settings";
    private static final String LINE = "line";
    private static final String ANSWER = "answer";
    private static final String TOKENS = "tokens";
    private static final String FAILED = "failed";

    private final Path target;
    private final Path file;
    private final FileChannel channel;
    private final Map<Integer, AnsweredLine> answers = new TreeMap<>();

    private AnswerJournal(Path target, Path file, FileChannel channel) {
        this.target = target;
        this.file = file;
        this.channel = channel;
    }

    /**
     * Begins, or goes on with what was begun.
     *
     * @param settings all that the answers depend on
     * @throws InputException if something else was begun there, or another process is at it
     * @throws IOException if the disk refuses
     */
    static AnswerJournal open(Path target, String settings) throws IOException {
        Path file = target.resolveSibling(target.getFileName() + ".partial");
        FileChannel channel = FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
        AnswerJournal journal = new AnswerJournal(target, file, channel);
        try {
            journal.requireAlone();
            journal.read(settings);
            return journal;
        } catch (IOException | RuntimeException e) {
            channel.close();
            throw e;
        }
    }

    private void requireAlone() throws IOException {
        boolean alone;
        try {
            alone = channel.tryLock() != null;
        } catch (OverlappingFileLockException e) {
            alone = false;
        }
        if (!alone) {
            throw new InputException(file + ": another process is writing there");
        }
    }

    private void read(String settings) throws IOException {
        boolean begun = false;
        for (String line : Files.readString(file).split("\n", -1)) {
            JsonNode json = json(line);
            if (json.has(SETTINGS) && !json.get(SETTINGS).textValue().equals(settings)) {
                throw new InputException(file + ": found the beginning of other answers, expected the same model,"
                        + " prompts and options; delete it to begin anew");
            }
            begun |= json.has(SETTINGS);
            if (json.has(LINE) && json.has(ANSWER)) {
                answers.put(json.get(LINE).intValue(), new AnsweredLine(json.get(ANSWER).textValue(),
                        json.path(TOKENS).intValue(), json.path(FAILED).booleanValue()));
            }
        }
        if (!begun) {
            append(JsonNodeFactory.instance.objectNode().put(SETTINGS, settings));
        }
    }

    private static JsonNode json(String line) {
        try {
            return MAPPER.readTree(line);
        } catch (JsonProcessingException e) {
            return MAPPER.missingNode();
        }
    }

    private void append(ObjectNode json) throws IOException {
        // begins with a line end, in case that the line before was cut off
        ByteBuffer line = StandardCharsets.UTF_8.encode("\n" + json + "\n");
        while (line.hasRemaining()) {
            channel.write(line);
        }
    }

    /** The answers so far, by number of the line. */
    Map<Integer, AnsweredLine> answers() {
        return answers;
    }

    /** Notes an answer. */
    void add(int line, AnsweredLine answer) throws IOException {
        append(JsonNodeFactory.instance.objectNode().put(LINE, line).put(ANSWER, answer.json())
                .put(TOKENS, answer.tokens()).put(FAILED, answer.failed()));
        answers.put(line, answer);
    }

    /** Gives the answers their file, in the order of the lines, in one step. */
    void commit() throws IOException {
        Path whole = target.resolveSibling(target.getFileName() + ".whole");
        StringBuilder text = new StringBuilder();
        answers.values().forEach(answer -> text.append(answer.json()).append('\n'));
        Files.writeString(whole, text);
        Files.move(whole, target, StandardCopyOption.ATOMIC_MOVE);
        channel.close();
        Files.delete(file);
    }

    /** Lets another process have it. */
    @Override
    public void close() throws IOException {
        channel.close();
    }
}
