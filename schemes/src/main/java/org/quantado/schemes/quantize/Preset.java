package org.quantado.schemes.quantize;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import org.quantado.kernels.engine.Conf;
import org.quantado.schemes.checkpoint.Escaped;
import org.quantado.schemes.checkpoint.JsonFile;
import org.quantado.schemes.checkpoint.NearNames;
import org.quantado.schemes.config.ConfigGroup;
import org.quantado.schemes.config.Target;

/**
 * A way to quantize that has a name, from {@code conf/presets}: compressed-tensors' own, and those that a user adds.
 * <p>
 * A file is a config group's JSON without its targets: {@code weights}, {@code input_activations},
 * {@code output_activations} and {@code format}, all but the first optional.
 */
public final class Preset {
    private static final String FOLDER = "presets";
    private static final String SUFFIX = ".json";

    private final String name;
    private final Path file;
    private final ObjectNode json;

    private Preset(String name, Path file, ObjectNode json) {
        this.name = name;
        this.file = file;
        this.json = json;
    }

    /** Names of all presets, in order. */
    public static List<String> names() {
        try {
            return Conf.list(FOLDER).stream().filter(file -> file.endsWith(SUFFIX))
                    .map(file -> file.substring(0, file.length() - SUFFIX.length())).toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /**
     * The preset of this name, in upper or lower case.
     *
     * @throws QuantizeException if there is none, with the names there are
     * @throws org.quantado.schemes.checkpoint.CheckpointException if its file is wrong
     */
    public static Preset named(String name) {
        String upperCase = name.toUpperCase(Locale.ROOT);
        if (!names().contains(upperCase)) {
            throw new QuantizeException(
                    "preset: found " + Escaped.text(name) + ", expected one of " + String.join(", ", names())
                            + NearNames.meant(name, names()).map(near -> "; did you mean " + near + "?").orElse(""));
        }
        String file = FOLDER + "/" + upperCase + SUFFIX;
        try (InputStream in = Conf.open(file)) {
            Path shown = Path.of("conf", FOLDER, upperCase + SUFFIX);
            return new Preset(upperCase, shown, JsonFile.readObject(shown, in));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Its name, in upper case. */
    public String name() {
        return name;
    }

    /**
     * It as a config group.
     *
     * @param groupName what the group is to be called
     * @param targets which layers it is for
     * @throws org.quantado.schemes.checkpoint.CheckpointException if compressed-tensors would refuse it
     */
    public ConfigGroup group(String groupName, List<Target> targets) {
        return ConfigGroup.readPreset(groupName, file, json, targets);
    }
}
