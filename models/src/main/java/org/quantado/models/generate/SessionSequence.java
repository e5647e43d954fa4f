package org.quantado.models.generate;

import org.quantado.models.decoder.Session;

import uk.ac.manchester.tornado.api.types.arrays.FloatArray;

/** A sequence of a session on the device. Closing it makes its place free. */
public final class SessionSequence implements TokenSequence {
    private final Session session;
    private final int sequence;

    /**
     * Begins a sequence.
     *
     * @throws org.quantado.models.decoder.InputException if the session has no room for one more
     */
    public SessionSequence(Session session) {
        this.session = session;
        this.sequence = session.open();
    }

    /** Its number in the session. */
    int number() {
        return sequence;
    }

    @Override
    public int vocabularySize() {
        return session.vocabulary();
    }

    @Override
    public int capacity() {
        return session.context();
    }

    @Override
    public int length() {
        return session.length(sequence);
    }

    @Override
    public FloatArray append(int... ids) {
        return session.logits(sequence, ids);
    }

    @Override
    public int appendGreedy(int... ids) {
        return session.next(sequence, ids);
    }

    @Override
    public void append(int[] ids, LogitReader reader) {
        session.logits(sequence, ids, reader::read);
    }

    @Override
    public void rewind(int length) {
        session.truncate(sequence, length);
    }

    @Override
    public void close() {
        session.close(sequence);
    }
}
