package org.quantado.cli.inspect;

import java.io.PrintWriter;
import java.util.List;

import org.quantado.cli.report.Report;

/**
 * What was found in checkpoints.
 *
 * @param checkpoints in the order in which they were asked for
 */
record InspectReport(List<Inspection> checkpoints) implements Report {
    @Override
    public void print(PrintWriter out) {
        checkpoints.forEach(inspection -> inspection.print(out));
    }
}
