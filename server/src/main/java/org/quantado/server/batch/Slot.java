package org.quantado.server.batch;

import java.util.Arrays;

import org.quantado.models.decoder.Session;

/** A place in the cache: a sequence of the session that is never closed, and keeps what was read until others need its room. */
final class Slot {
    private final Session session;
    private final int sequence;
    private final int[] ids;
    private long lastUse;

    Slot(Session session) {
        this.session = session;
        this.sequence = session.open();
        this.ids = new int[session.context()];
    }

    int sequence() {
        return sequence;
    }

    /** Ids that the cache has. */
    int length() {
        return session.length(sequence);
    }

    int capacity() {
        return ids.length;
    }

    /** When it was taken last: a number that grows. */
    long lastUse() {
        return lastUse;
    }

    /** Ids of a prompt that are there already. The last one is always read: what comes after it is asked. */
    int common(int... prompt) {
        int end = Math.min(length(), prompt.length - 1);
        int mismatch = Arrays.mismatch(ids, 0, end, prompt, 0, end);
        return mismatch < 0 ? end : mismatch;
    }

    /** Forgets what is not of a prompt; how many ids of it are left. */
    int take(long use, int... prompt) {
        lastUse = use;
        int common = common(prompt);
        session.truncate(sequence, common);
        return common;
    }

    /** Notes ids that the session was fed. */
    void fed(int... more) {
        System.arraycopy(more, 0, ids, length() - more.length, more.length);
    }

    /** Forgets everything. */
    void clear() {
        session.truncate(sequence, 0);
    }
}
