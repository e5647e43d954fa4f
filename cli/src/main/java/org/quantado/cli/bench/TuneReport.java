package org.quantado.cli.bench;

import java.io.PrintWriter;
import java.util.List;
import java.util.Locale;

import org.quantado.bench.tuning.Trial;
import org.quantado.bench.tuning.Tuning;
import org.quantado.cli.engine.RunningEngine;
import org.quantado.cli.report.Names;
import org.quantado.cli.report.Report;
import org.quantado.cli.report.Table;
import org.quantado.kernels.matmul.DeviceSettings;

/**
 * What was tried and chosen for a device.
 *
 * @param engine that ran the kernels
 * @param file that was written
 * @param before settings that were in use
 * @param chosen settings that were written
 * @param gain how many times as fast
 * @param trials what was measured
 */
record TuneReport(RunningEngine engine, String file, Settings before, Settings chosen, double gain,
        List<Trial> trials) implements Report {
    /** Settings as a file has them. */
    record Settings(String flavour, String rowsPerBlock) {
        static Settings of(DeviceSettings settings) {
            return new Settings(Names.of(settings.flavour()), settings.blocks().toString());
        }

        @Override
        public String toString() {
            return "flavour " + flavour + ", rows_per_block " + rowsPerBlock;
        }
    }

    static TuneReport of(RunningEngine engine, String file, Tuning tuning) {
        return new TuneReport(engine, file, Settings.of(tuning.before()), Settings.of(tuning.chosen()), tuning.gain(),
                tuning.trials());
    }

    @Override
    public void print(PrintWriter out) {
        out.println("On " + engine);
        out.println();
        Table table = new Table("format", "rows", "flavour", "rows per block", "call ms");
        trials.forEach(trial -> table.row(Names.of(trial.format()), trial.rows(), Names.of(trial.flavour()),
                trial.rowsPerBlock(), String.format(Locale.ROOT, "%.3f", trial.nanos() * 1e-6)));
        table.print(out);
        out.println();
        out.println("Before: " + before);
        out.println("Chosen: " + chosen);
        out.printf(Locale.ROOT, "%.2f times as fast, written to %s%n", gain, file);
    }
}
