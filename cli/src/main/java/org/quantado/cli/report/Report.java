package org.quantado.cli.report;

import java.io.PrintWriter;

/** What a command found; its fields are those of the JSON object. */
public interface Report {
    /** Prints it for people. */
    void print(PrintWriter out);
}
