package org.quantado.kernels.engine;

/** The JVM's own vectors, which are in a module that has to be added. */
public final class VectorModule {
    /** Its name. */
    public static final String NAME = "jdk.incubator.vector";

    private VectorModule() {
    }

    /** Whether the JVM was started with it. */
    public static boolean isPresent() {
        return ModuleLayer.boot().findModule(NAME).isPresent();
    }
}
