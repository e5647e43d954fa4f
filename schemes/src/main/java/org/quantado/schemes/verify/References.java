package org.quantado.schemes.verify;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

import org.quantado.schemes.checkpoint.Checkpoint;
import org.quantado.schemes.checkpoint.CheckpointException;
import org.quantado.schemes.checkpoint.JsonFile;
import org.quantado.schemes.checkpoint.Tensor;
import org.quantado.schemes.linear.Activations;
import org.quantado.schemes.linear.OnlineFormat;
import org.quantado.schemes.model.Model;
import org.quantado.schemes.model.ModelLayer;
import org.quantado.schemes.select.Selection;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;

/**
 * The references of a folder: {@code expected.safetensors}, and {@code meta.json} where there is one.
 *
 * <p>A folder of one layer has the tensors {@code x} and {@code y_ref}, or what {@code meta.json} names under
 * {@code verify} ({@code config}, {@code off}), for the layer that it names as {@code module}. A folder of many has
 * {@code <layer>.x} and {@code <layer>.y_ref} or, with activations off, {@code <layer>.y_ref_a16}; layers without
 * quantization have {@code <layer>.y_ref_head}, for weights that become MXFP8 while loading.
 */
final class References {
    /** File of inputs and results. */
    static final String FILE_NAME = "expected.safetensors";
    private static final String META_NAME = "meta.json";
    private static final String X = "x";
    private static final String Y = "y_ref";
    private static final String ONLINE_Y = "y_ref_head";

    private final Path folder;
    private final Model model;
    private final Checkpoint expected;
    private final Activations activations;
    private final Optional<OnlineFormat> online;

    /**
     * @param expected the opened {@value #FILE_NAME}
     * @param online what unquantized layers become; without it, what the folder says
     */
    References(Path folder, Model model, Checkpoint expected, Activations activations, Optional<OnlineFormat> online) {
        this.folder = folder;
        this.model = model;
        this.expected = expected;
        this.activations = activations;
        this.online = online;
    }

    /**
     * All references that apply.
     *
     * @throws CheckpointException if there are none
     */
    List<Reference> all() {
        List<Reference> references = expected.find(X).isPresent() ? ofOneLayer() : ofManyLayers();
        if (references.isEmpty()) {
            throw new CheckpointException(folder.resolve(FILE_NAME), "tensors",
                    "none that tells what a layer gives with activations "
                            + activations.name().toLowerCase(Locale.ROOT),
                    "x and y_ref, or <layer>.x and <layer>.y_ref");
        }
        return references;
    }

    private List<Reference> ofOneLayer() {
        JsonNode meta = meta();
        String layer = meta.path("module").asText(onlyLayer());
        JsonNode verify = meta.path("verify");
        Optional<OnlineFormat> format = online
                .or(() -> Optional.of(verify.path("online").asText("")).flatMap(OnlineFormat::named));
        String resultKey = activations == Activations.CONFIG ? "config" : "off";
        if (!verify.isMissingNode() && verify.path(resultKey).isMissingNode()) {
            return List.of();
        }
        String result = verify.path(resultKey).asText(Y);
        return List.of(new Reference(layer, expected.tensor(X), usedX("x_qdq"), expected.tensor(result),
                expected.find("y_pre"), activations, format));
    }

    private JsonNode meta() {
        Path file = folder.resolve(META_NAME);
        return Files.exists(file) ? JsonFile.readObject(file) : JsonNodeFactory.instance.objectNode();
    }

    private Optional<Tensor> usedX(String name) {
        return activations == Activations.CONFIG ? expected.find(name) : Optional.empty();
    }

    private String onlyLayer() {
        List<ModelLayer> layers = model.layers();
        return layers.size() == 1 ? layers.getFirst().name() : "";
    }

    private List<Reference> ofManyLayers() {
        List<Reference> references = new ArrayList<>();
        for (String name : expected.names()) {
            if (name.endsWith("." + X)) {
                String layer = name.substring(0, name.length() - X.length() - 1);
                of(layer, expected.tensor(name)).ifPresent(references::add);
            }
        }
        return references;
    }

    private Optional<Reference> of(String layer, Tensor x) {
        if (model.layer(layer).selection() instanceof Selection.Unquantized) {
            return expected.find(layer + "." + ONLINE_Y).map(y -> new Reference(layer, x, Optional.empty(), y,
                    Optional.empty(), Activations.OFF, online.or(() -> Optional.of(OnlineFormat.MXFP8))));
        }
        String result = activations == Activations.CONFIG ? Y : "y_ref_a16";
        return expected.find(layer + "." + result)
                .map(y -> new Reference(layer, x, usedX(layer + ".x_qdq"), y, Optional.empty(), activations, online));
    }
}
