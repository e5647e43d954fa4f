package org.quantado.cli.report;

/** Which program this is. */
public final class Version {
    /** As {@code --version} prints it. */
    public static final String TEXT = "quantado 0.1.0";

    private Version() {
    }
}
