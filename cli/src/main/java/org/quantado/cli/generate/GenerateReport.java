package org.quantado.cli.generate;

import java.io.PrintWriter;

import org.quantado.cli.engine.RunningEngine;
import org.quantado.cli.report.Report;
import org.quantado.cli.text.AnswerFigures;

/**
 * How a text goes on.
 *
 * @param model folder
 * @param engine that ran it
 * @param prompt how the text begins
 * @param text how it goes on
 * @param ids of the tokens that the model gave
 * @param figures what it took
 */
@SuppressWarnings("ArrayRecordComponent") // nobody compares reports
record GenerateReport(String model, RunningEngine engine, String prompt, String text, int[] ids,
        AnswerFigures figures) implements Report {
    @Override
    public void print(PrintWriter out) {
        out.println(text);
    }
}
