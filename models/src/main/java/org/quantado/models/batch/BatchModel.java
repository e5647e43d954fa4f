package org.quantado.models.batch;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.stream.Stream;

import org.quantado.models.ModelOptions;
import org.quantado.models.TextModel;
import org.quantado.schemes.cluster.Place;
import org.quantado.schemes.cluster.SharedFiles;
import org.quantado.schemes.linear.Activations;
import org.quantado.schemes.linear.OnlineFormat;

/**
 * Opens a model on any machine that sees its folder.
 *
 * @param folder of the model
 * @param context tokens that there is room for; 0 for as many as is usual
 * @param activations whether they are quantized
 * @param online how unquantized layers are quantized while they are loaded; null for not at all
 * @param rule what is asked of it
 * @param files all that has to be seen
 */
record BatchModel(String folder, int context, Activations activations, OnlineFormat online, AnswerRule rule,
        SharedFiles files) implements Place<AnsweringModel> {
    static BatchModel of(Path folder, ModelOptions options, AnswerRule rule) throws IOException {
        Path real = folder.toRealPath();
        try (Stream<Path> files = Files.list(real)) {
            List<Path> shared = files.filter(Files::isRegularFile).sorted().toList();
            return new BatchModel(real.toString(), options.context().orElse(0), options.activations(),
                    options.online().orElse(null), rule, SharedFiles.of(shared));
        }
    }

    @Override
    public AnsweringModel open() {
        files.requireSeen();
        return new AnsweringModel(TextModel.open(Path.of(folder), new ModelOptions(
                context == 0 ? OptionalInt.empty() : OptionalInt.of(context), Optional.empty(), activations,
                Optional.ofNullable(online), _ -> {
                })), rule);
    }
}
