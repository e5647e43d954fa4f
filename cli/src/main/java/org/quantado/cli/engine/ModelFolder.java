package org.quantado.cli.engine;

import java.nio.file.Path;

import org.quantado.schemes.hub.ModelCache;

import picocli.CommandLine.ITypeConverter;

/**
 * A model as it is given on the command line: a path, or the id of a model in Hugging Face's cache. What is neither is left
 * as it is, for whoever opens it to say so.
 */
public final class ModelFolder implements ITypeConverter<Path> {
    /** What help says of it. */
    public static final String HELP = "a folder, or an id org/name[@revision] that quantado download has fetched";

    @Override
    public Path convert(String text) {
        Path path = Path.of(text);
        return ModelCache.find(path).orElse(path);
    }
}
