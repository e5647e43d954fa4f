package org.quantado.cli.chat;

import java.io.PrintWriter;
import java.util.List;
import java.util.Map;

import org.quantado.cli.engine.RunningEngine;
import org.quantado.cli.report.Report;
import org.quantado.cli.text.AnswerFigures;

/**
 * A conversation.
 *
 * @param model folder
 * @param engine that ran it
 * @param messages what was said, in order
 * @param answers what each answer took
 */
record ChatReport(String model, RunningEngine engine, List<Map<String, ?>> messages, List<AnswerFigures> answers)
        implements
            Report {
    @Override
    public void print(PrintWriter out) {
        messages.forEach(message -> out.println(message.get("role") + ": " + message.get("content")));
    }
}
