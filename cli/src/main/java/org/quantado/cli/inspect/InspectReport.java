package org.quantado.cli.inspect;

import java.io.PrintWriter;
import java.util.List;

import org.quantado.cli.report.Report;

import com.fasterxml.jackson.annotation.JsonIgnore;

/**
 * What was found in checkpoints.
 *
 * @param checkpoints in the order in which they were asked for
 * @param all whether each layer has a line of its own where people read
 */
record InspectReport(List<Inspection> checkpoints, @JsonIgnore boolean all) implements Report {
    @Override
    public void print(PrintWriter out) {
        checkpoints.forEach(inspection -> inspection.print(out, all));
    }
}
