package org.quantado.schemes.dialect;

import java.util.List;
import java.util.stream.Stream;

import org.quantado.schemes.config.JsonField;
import org.quantado.schemes.config.Target;

/**
 * The field {@code modules_to_not_convert}: expressions that a module's name begins with, or texts that it ends with; what
 * is below such a module is left alone, too.
 *
 * <p>Source: transformers, {@code should_convert_module}.
 */
final class SkippedModules {
    static final String FIELD = "modules_to_not_convert";

    private SkippedModules() {
    }

    /** The same as an ignore list. */
    static List<Target> read(JsonField config) {
        JsonField modules = config.get(FIELD);
        return modules.isPresent() ? modules.elements().stream().flatMap(SkippedModules::targets).toList() : List.of();
    }

    private static Stream<Target> targets(JsonField module) {
        String name = module.string();
        String itself = name.replaceAll("\\W", "\\\\$0");
        return Stream.of(Target.read(module, "re:" + name), Target.read(module, "re:.*" + itself + "(\\.|$)"));
    }
}
