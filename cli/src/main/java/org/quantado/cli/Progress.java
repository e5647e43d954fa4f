package org.quantado.cli;

import java.io.PrintStream;

import me.tongfei.progressbar.ConsoleProgressBarConsumer;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;

/** A progress bar on stderr, where that is a terminal. */
interface Progress extends AutoCloseable {
    /** System property by which the launcher says that stderr is a terminal. */
    String TERMINAL_PROPERTY = "quantado.terminal";

    /** Begins to show the progress of that many steps. */
    static Progress start(String task, long steps) {
        return Boolean.getBoolean(TERMINAL_PROPERTY) ? new Bar(task, steps, System.err) : () -> {
        };
    }

    /** One step is done. */
    default void step() {
        // nobody looks
    }

    @Override
    void close();

    /** The bar itself. */
    final class Bar implements Progress {
        /** Fits the narrowest usual terminal. */
        private static final int COLUMNS = 79;

        private final ProgressBar bar;

        private Bar(String task, long steps, PrintStream out) {
            bar = new ProgressBarBuilder().setTaskName(task).setInitialMax(steps).setStyle(ProgressBarStyle.ASCII)
                    .setConsumer(new ConsoleProgressBarConsumer(out, COLUMNS)).clearDisplayOnFinish().build();
        }

        @Override
        public void step() {
            bar.step();
        }

        @Override
        public void close() {
            bar.close();
        }
    }
}
