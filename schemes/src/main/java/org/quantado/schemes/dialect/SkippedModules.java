package org.quantado.schemes.dialect;

import java.util.List;
import java.util.stream.Stream;

import org.quantado.schemes.config.JsonField;
import org.quantado.schemes.config.Target;

/**
 * Lists of modules that are not quantized, such as {@code modules_to_not_convert}: expressions that whole parts of a
 * module's name match from its beginning, or texts that it ends with; what is below such a module is left alone, too.
 *
 * <p>Peers differ in what else a text hits ({@code model.layers.1} also {@code model.layers.10} in transformers, but not in
 * vLLM). Only what all agree on is taken from the list; of any other layer its own tensors tell.
 *
 * <p>Source: transformers, {@code should_convert_module}; vLLM, {@code is_layer_skipped}.
 */
final class SkippedModules {
    static final String FIELD = "modules_to_not_convert";

    private static final String WHOLE_PARTS = "(\\.|$)";

    private SkippedModules() {
    }

    /** The same as an ignore list; none where the field is absent. */
    static List<Target> read(JsonField config, String field) {
        return modules(config, field).flatMap(SkippedModules::targets).toList();
    }

    /**
     * A list of texts that are anywhere in the names.
     *
     * <p>Source: AutoAWQ, {@code exclude_layers_to_not_quantize}; vLLM, {@code is_layer_skipped} with {@code skip_with_substr}.
     */
    static List<Target> anywhere(JsonField config, String field) {
        return modules(config, field).map(module -> Target.read(module, "re:.*" + literal(module.string()))).toList();
    }

    /**
     * A list of names and of patterns with {@code *} for any text, which crosses dots.
     *
     * <p>Source: ModelOpt, {@code get_quant_config}; vLLM, {@code ModelOptQuantConfigBase.is_layer_excluded}.
     */
    static List<Target> patterns(JsonField config, String field) {
        return modules(config, field).map(module -> Target.read(module, "re:" + (module.string().contains("*")
                ? literal(module.string()).replace("\\*", ".*") + "$"
                : "(.*\\.)?" + literal(module.string()) + WHOLE_PARTS))).toList();
    }

    private static Stream<JsonField> modules(JsonField config, String field) {
        return config.get(field).optional().stream().flatMap(modules -> modules.elements().stream());
    }

    private static Stream<Target> targets(JsonField module) {
        String name = module.string();
        return Stream.of(Target.read(module, "re:(" + name + ")" + WHOLE_PARTS),
                Target.read(module, "re:.*" + literal(name) + WHOLE_PARTS));
    }

    private static String literal(String text) {
        return text.replaceAll("\\W", "\\\\$0");
    }
}
