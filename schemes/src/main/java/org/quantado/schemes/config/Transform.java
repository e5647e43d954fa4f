package org.quantado.schemes.config;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/**
 * A rotation of {@code transform_config} that is applied while a model runs. Those of weights are in the stored weights
 * already, so that no layer needs to know of them.
 *
 * @param name of its group in the config, such as {@code R4}
 * @param location what it is applied to, such as {@code input}
 * @param targets layers it is for
 * @param ignore layers that it is not for, although a target points at them
 * @see <a href=
 *      "https://github.com/vllm-project/compressed-tensors/blob/main/src/compressed_tensors/transform/transform_args.py">TransformArgs</a>
 */
public record Transform(String name, String location, List<Target> targets, List<Target> ignore) {
    private static final Set<String> OF_WEIGHTS = Set.of("weight_input", "weight_output");

    public Transform {
        targets = List.copyOf(targets);
        ignore = List.copyOf(ignore);
    }

    /** All of them, if there is a {@code transform_config}. */
    static List<Transform> read(JsonField config) {
        List<Transform> transforms = new ArrayList<>();
        if (config.isPresent() && config.get("config_groups").isPresent()) {
            for (Map.Entry<String, JsonField> group : config.get("config_groups").members().entrySet()) {
                JsonField apply = group.getValue().get("apply");
                (apply.isPresent() ? apply.elements() : List.<JsonField>of()).stream()
                        .map(args -> read(group.getKey(), args))
                        .filter(transform -> !OF_WEIGHTS.contains(transform.location)).forEach(transforms::add);
            }
        }
        return transforms;
    }

    private static Transform read(String name, JsonField apply) {
        return new Transform(name, apply.get("location").string(), targets(apply.get("targets")),
                Optional.of(apply.get("ignore")).filter(JsonField::isPresent).map(Transform::targets)
                        .orElse(List.of()));
    }

    /** One or several. */
    private static List<Target> targets(JsonField field) {
        Stream<JsonField> fields = field.node().isTextual() ? Stream.of(field) : field.elements().stream();
        return fields.map(Target::read).toList();
    }
}
