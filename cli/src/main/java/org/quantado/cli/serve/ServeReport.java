package org.quantado.cli.serve;

import java.io.PrintWriter;

import org.quantado.cli.engine.RunningEngine;
import org.quantado.cli.report.Report;

/**
 * What is served, and where.
 *
 * @param folder of the model
 * @param model what clients call it
 * @param engine that runs it
 * @param host network interface
 * @param port where it listens
 * @param parallel requests at a time
 * @param context tokens of one, prompt and answer
 * @param bytes of weights and caches
 */
record ServeReport(String folder, String model, RunningEngine engine, String host, int port, int parallel, int context,
        long bytes) implements Report {
    @Override
    public void print(PrintWriter out) {
        out.println(
                "serving " + model + " at http://" + (host.contains(":") ? "[" + host + "]" : host) + ":" + port + "/");
        out.flush();
    }
}
