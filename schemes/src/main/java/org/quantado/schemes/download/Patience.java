package org.quantado.schemes.download;

import java.time.Duration;

/**
 * How long servers and networks are given.
 *
 * @param tries of the same request that bring nothing new, before it is given up
 * @param firstPause before the second try; it doubles with each further one
 * @param longestPause that it grows to
 * @param longestWait that a server may ask for
 * @param silence after which a server that sends nothing is given up
 */
record Patience(int tries, Duration firstPause, Duration longestPause, Duration longestWait, Duration silence) {
    /** The tries and pauses of huggingface_hub, and what a person may be let wait. */
    static final Patience USUAL = new Patience(6, Duration.ofSeconds(1), Duration.ofSeconds(8), Duration.ofMinutes(5),
            Duration.ofSeconds(30));

    /** The pause after so many tries that failed. */
    Duration pause(int failures) {
        Duration pause = firstPause.multipliedBy(1L << Math.min(failures - 1, Integer.SIZE - 2));
        return pause.compareTo(longestPause) < 0 ? pause : longestPause;
    }
}
