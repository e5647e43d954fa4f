package org.quantado.cli.text;

import java.nio.file.Path;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.Function;

import org.quantado.cli.engine.LayerOptions;
import org.quantado.cli.report.CommandException;
import org.quantado.cli.report.ExitCode;
import org.quantado.cli.report.Progress;
import org.quantado.models.ModelOptions;
import org.quantado.models.TextModel;
import org.quantado.schemes.linear.OnlineFormat;

import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** How commands open a whole model. */
public final class TextModelOptions {
    @Option(names = "--context", paramLabel = "N", description = "Tokens that there is room for: prompt and answer, or a conversation. Otherwise as many as the model allows, up to 4096.")
    private Integer context;

    @Mixin
    private LayerOptions layerOptions;

    /** Opens a model as asked for. */
    public TextModel open(Path folder) {
        return with(options -> TextModel.open(folder, options));
    }

    /** Opens a model in another way, as asked for. */
    public <T> T with(Function<ModelOptions, T> opening) {
        return with(opening, layerOptions.online());
    }

    /** Opens a model whose unquantized layers stay as they are. */
    public TextModel openAsItIs(Path folder) {
        return with(options -> TextModel.open(folder, options), Optional.empty());
    }

    private <T> T with(Function<ModelOptions, T> opening, Optional<OnlineFormat> online) {
        ModelOptions options = options(online);
        try (Progress progress = Progress.start("Loading layers", -1)) {
            return opening.apply(options.withProgress(layers -> progress.step()));
        }
    }

    /** How models are opened, wherever that is done. */
    public ModelOptions options() {
        return options(layerOptions.online());
    }

    private ModelOptions options(Optional<OnlineFormat> online) {
        if (context != null && context < 1) {
            throw new CommandException(ExitCode.BAD_USAGE, "--context: found " + context + ", expected 1 or more");
        }
        return new ModelOptions(context == null ? OptionalInt.empty() : OptionalInt.of(context), Optional.empty(),
                layerOptions.activations(), online, ModelOptions.USUAL.progress());
    }
}
