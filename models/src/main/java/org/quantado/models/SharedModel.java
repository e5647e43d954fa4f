package org.quantado.models;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.stream.Stream;

import org.quantado.schemes.checkpoint.Checkpoint;
import org.quantado.schemes.cluster.Place;
import org.quantado.schemes.cluster.SharedFiles;
import org.quantado.schemes.linear.Activations;
import org.quantado.schemes.linear.OnlineFormat;

/**
 * A model that is opened on any machine that sees its folder.
 *
 * @param folder of the model
 * @param context tokens that there is room for; 0 for as many as is usual
 * @param activations whether they are quantized
 * @param online how unquantized layers are quantized while they are loaded; null for not at all
 * @param sequences for which there is room at a time
 * @param files all that has to be seen
 */
public record SharedModel(String folder, int context, Activations activations, OnlineFormat online, int sequences,
        SharedFiles files)
        implements
            Place<TextModel> {
    /**
     * Notes what others need to open a model.
     *
     * @param model a folder, or the id of a model in the cache
     * @param options how it is opened; the format of the cache is the usual one
     * @param sequences for which there is room at a time
     * @throws IOException if a file cannot be looked at
     */
    public static SharedModel of(Path model, ModelOptions options, int sequences) throws IOException {
        Path real = Checkpoint.locate(model).toRealPath();
        try (Stream<Path> files = Files.list(real)) {
            List<Path> shared = files.filter(Files::isRegularFile).sorted().toList();
            return new SharedModel(real.toString(), options.context().orElse(0), options.activations(),
                    options.online().orElse(null), sequences, SharedFiles.of(shared));
        }
    }

    @Override
    public TextModel open() {
        files.requireSeen();
        return TextModel.open(Path.of(folder), new ModelOptions(
                context == 0 ? OptionalInt.empty() : OptionalInt.of(context), Optional.empty(), activations,
                Optional.ofNullable(online), ModelOptions.USUAL.progress()), sequences);
    }
}
