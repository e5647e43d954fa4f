package org.quantado.cli;

import java.io.PrintWriter;

/** What a command found; its fields are those of the JSON object. */
interface Report {
    /** Prints it for people. */
    void print(PrintWriter out);
}
