package org.quantado.moe.family;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Path;
import java.util.List;
import org.quantado.schemes.checkpoint.JsonFile;
import org.quantado.schemes.config.Target;

/** The layers that stay as they are when a model is quantized, because its family's code runs them unquantized. */
public final class KeptModules {
    private static final String MODEL_TYPE = "model_type";

    private KeptModules() {
    }

    /**
     * Routers and gates of shared experts, of all language models of a model; none for a family that is not known.
     *
     * @param config a {@code config.json}
     * @throws org.quantado.schemes.checkpoint.CheckpointException if it is no JSON object
     */
    public static List<Target> of(Path config) {
        ObjectNode root = JsonFile.readObject(config);
        return ModelPart.of(root.path(MODEL_TYPE).asText("")).stream()
                .flatMap(part -> MoeFamily.find(modelType(root, part)).stream())
                .flatMap(family -> family.names().keptUnquantized().stream()
                        .map(name -> family.names().block() + "." + name))
                .distinct().map(name -> Target.of("re:.*\\." + name.replace(".", "\\.") + "$")).toList();
    }

    private static String modelType(JsonNode root, ModelPart part) {
        JsonNode node = root;
        for (String name : part.path()) {
            node = node.path(name);
        }
        return node.path(MODEL_TYPE).asText(part.type());
    }
}
