package org.quantado.cli.engine;

/** What runs TaskGraphs. */
public enum EngineKind {
    /** Threads of the JVM. */
    HOST("the host engine"),
    /** A TornadoVM SDK. */
    TORNADO("TornadoVM");

    private final String title;

    EngineKind(String title) {
        this.title = title;
    }

    String title() {
        return title;
    }
}
