package org.quantado.cli;

import java.io.PrintWriter;
import java.util.spi.ToolProvider;

/** The command for programs that have it on their class path, such as those that are submitted to a cluster. */
public final class QuantadoTool implements ToolProvider {
    @Override
    public String name() {
        return "quantado";
    }

    @Override
    public int run(PrintWriter out, PrintWriter err, String... arguments) {
        return Quantado.commandLine(out, err).execute(arguments);
    }
}
