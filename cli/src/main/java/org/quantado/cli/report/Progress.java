package org.quantado.cli.report;

import java.io.PrintStream;

import me.tongfei.progressbar.ConsoleProgressBarConsumer;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;

/** A progress bar on stderr, where that is a terminal. */
public interface Progress extends AutoCloseable {
    /** System property by which the launcher says that stderr is a terminal. */
    String TERMINAL_PROPERTY = "quantado.terminal";
    /** What bytes are shown in. */
    long MEGABYTE = 1_000_000;

    /** Begins to show the progress of that many steps. */
    static Progress start(String task, long steps) {
        return Boolean.getBoolean(TERMINAL_PROPERTY) ? new Bar(Bar.of(task, steps, System.err).build()) : () -> {
        };
    }

    /** Begins to show how many of so many bytes are done, how fast, and how long the rest will take. */
    static Progress startBytes(String task, long bytes) {
        return Boolean.getBoolean(TERMINAL_PROPERTY)
                ? new Bar(Bar.of(task, bytes, System.err).setUnit(" MB", MEGABYTE)
                        .showSpeed().build())
                : () -> {
                };
    }

    /** One step is done. */
    default void step() {
        step(1);
    }

    /** So many steps are done. */
    default void step(long steps) {
        // nobody looks
    }

    /** Says what is being done. */
    default void say(String words) {
        // nobody looks
    }

    @Override
    void close();

    /** The bar itself. */
    final class Bar implements Progress {
        /** System property by which the launcher says how wide the terminal is. */
        private static final String COLUMNS_PROPERTY = "quantado.columns";
        private static final int USUAL_COLUMNS = 80;

        private final ProgressBar bar;

        private Bar(ProgressBar bar) {
            this.bar = bar;
        }

        private static ProgressBarBuilder of(String task, long steps, PrintStream out) {
            return new ProgressBarBuilder().setTaskName(task).setInitialMax(steps).setStyle(ProgressBarStyle.ASCII)
                    .setConsumer(new ConsoleProgressBarConsumer(out, columns())).clearDisplayOnFinish();
        }

        /** All but the last, in which some terminals would begin a new line. */
        private static int columns() {
            return Math.max(1, Integer.getInteger(COLUMNS_PROPERTY, USUAL_COLUMNS) - 1);
        }

        @Override
        public void step(long steps) {
            bar.stepBy(steps);
        }

        @Override
        public void say(String words) {
            bar.setExtraMessage(words);
        }

        @Override
        public void close() {
            bar.close();
        }
    }
}
