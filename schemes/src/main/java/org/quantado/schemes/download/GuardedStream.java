package org.quantado.schemes.download;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/** Bytes from a server, which ends in an exception when the server is silent for too long. */
final class GuardedStream extends FilterInputStream {
    private final ScheduledExecutorService clock;
    private final Duration silence;

    GuardedStream(InputStream in, ScheduledExecutorService clock, Duration silence) {
        super(in);
        this.clock = clock;
        this.silence = silence;
    }

    @Override
    public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] buffer, int offset, int length) throws IOException {
        Future<?> end = clock.schedule(this::giveUp, silence.toMillis(), TimeUnit.MILLISECONDS);
        try {
            return in.read(buffer, offset, length);
        } finally {
            end.cancel(false);
        }
    }

    /** A stream that is closed wakes who reads it. */
    private void giveUp() {
        try {
            in.close();
        } catch (IOException e) {
            // its reader is told all the same
        }
    }
}
