package org.quantado.host;

import java.io.IOException;
import java.io.InputStream;
import java.util.Properties;

import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/** Installs the host engine before a test's first TaskGraph, unless the JVM was started with another runtime. */
public final class EngineExtension implements BeforeAllCallback {
    private static final String PROVIDERS = "/META-INF/quantado/tornado-runtime.properties";
    private static final String TASK_GRAPH_PROVIDER = "tornado.load.api.implementation";

    @Override
    public void beforeAll(ExtensionContext context) throws IOException {
        if (System.getProperty(TASK_GRAPH_PROVIDER) != null) {
            return;
        }
        Properties providers = new Properties();
        try (InputStream in = EngineExtension.class.getResourceAsStream(PROVIDERS)) {
            providers.load(in);
        }
        providers.forEach((key, value) -> System.setProperty((String) key, (String) value));
    }
}
