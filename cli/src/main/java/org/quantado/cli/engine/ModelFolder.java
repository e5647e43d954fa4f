package org.quantado.cli.engine;

import java.nio.file.Files;
import java.nio.file.Path;

import org.quantado.schemes.checkpoint.ModelCache;

import picocli.CommandLine.ITypeConverter;

/** A model as it is given on the command line: a path, or the id of a model in Hugging Face's cache. */
public final class ModelFolder implements ITypeConverter<Path> {
    @Override
    public Path convert(String text) {
        Path path = Path.of(text);
        return Files.exists(path) ? path : ModelCache.snapshotOf(text).orElse(path);
    }
}
