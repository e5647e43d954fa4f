package org.quantado.models.generate;

import java.util.ArrayList;
import java.util.List;
import java.util.function.IntUnaryOperator;

import uk.ac.manchester.tornado.api.types.arrays.FloatArray;

/** A model that expects one id at each length of the sequence, and the next ids after that less and less. */
public final class ScriptedSequence implements TokenSequence {
    private static final int BLOCK = 3;

    private final int vocabulary;
    private final int capacity;
    private final IntUnaryOperator script;
    private final List<Integer> ids = new ArrayList<>();
    private final List<Integer> appended = new ArrayList<>();

    /** @param script the id that follows so many ids */
    public ScriptedSequence(int vocabulary, int capacity, IntUnaryOperator script) {
        this.vocabulary = vocabulary;
        this.capacity = capacity;
        this.script = script;
    }

    @Override
    public int vocabularySize() {
        return vocabulary;
    }

    @Override
    public int capacity() {
        return capacity;
    }

    @Override
    public int length() {
        return ids.size();
    }

    /** How many ids each call appended. */
    public List<Integer> appended() {
        return appended;
    }

    @Override
    public FloatArray append(int... more) {
        add(more);
        FloatArray logits = new FloatArray(vocabulary + 1);
        logits.set(vocabulary, Float.NaN);
        write(logits, 0, ids.size());
        return logits;
    }

    @Override
    public int appendGreedy(int... more) {
        return Sampler.argmax(append(more), vocabulary);
    }

    /** In blocks of {@value #BLOCK}. */
    @Override
    public void append(int[] more, LogitReader reader) {
        int before = ids.size();
        add(more);
        for (int first = 0; first < more.length; first += BLOCK) {
            int count = Math.min(BLOCK, more.length - first);
            FloatArray logits = new FloatArray(BLOCK * vocabulary);
            for (int i = 0; i < count; i++) {
                write(logits, i, before + first + i + 1);
            }
            reader.read(first, count, logits);
        }
    }

    private void add(int... more) {
        appended.add(more.length);
        for (int id : more) {
            ids.add(id);
        }
        if (ids.size() > capacity) {
            throw new IllegalStateException(ids.size() + " ids");
        }
    }

    private void write(FloatArray logits, int row, int length) {
        for (int i = 0; i < vocabulary; i++) {
            int id = Math.floorMod(script.applyAsInt(length) + i, vocabulary);
            logits.set(row * vocabulary + id, -i);
        }
    }

    @Override
    public void rewind(int length) {
        ids.subList(length, ids.size()).clear();
    }

    @Override
    public void close() {
        ids.clear();
    }
}
