package org.quantado.schemes.quantize;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.quantado.schemes.checkpoint.SafetensorsFile;
import org.quantado.schemes.checkpoint.SafetensorsLayout;
import org.quantado.schemes.checkpoint.SafetensorsWriter;
import org.quantado.schemes.checkpoint.Tensor;

/**
 * The decoder layers that a {@link Calibrator} has finished: a safetensors file for each, which appears complete or not at
 * all, with the tensors that differ from the input's and the errors of its linear layers. Not thread-safe.
 */
public final class FinishedLayers implements AutoCloseable {
    private static final String ERRORS = "errors";
    private static final JsonMapper MAPPER = new JsonMapper();

    private final Path folder;
    private final List<SafetensorsFile> files = new ArrayList<>();
    private final Map<String, LayerError> errors = new LinkedHashMap<>();

    private FinishedLayers(Path folder) {
        this.folder = folder;
    }

    /** Those in a folder, which need not be there. */
    static FinishedLayers in(Path folder) {
        FinishedLayers finished = new FinishedLayers(folder);
        while (Files.exists(file(folder, finished.count()))) {
            finished.open();
        }
        return finished;
    }

    /** Whether there is any in a folder. */
    static boolean areIn(Path folder) {
        return Files.exists(file(folder, 0));
    }

    private void open() {
        SafetensorsFile file = SafetensorsFile.open(file(folder, count()));
        files.add(file);
        errors(file).forEach(error -> errors.put(error.layer(), error));
    }

    private static List<LayerError> errors(SafetensorsFile file) {
        try {
            List<LayerError> read = new ArrayList<>();
            MAPPER.readTree(file.metadata().getOrDefault(ERRORS, "[]"))
                    .forEach(json -> read.add(LayerErrorJson.read(json)));
            return read;
        } catch (JsonProcessingException e) {
            throw new QuantizeException(file.path() + ": found errors of layers that are no JSON, expected a file of an"
                    + " interrupted quantization; delete its folder to begin anew");
        }
    }

    /** How many there are, beginning with the first. */
    public int count() {
        return files.size();
    }

    /** Where a calibrator may keep what it needs to go on; it goes when the output is complete. */
    public Path folder() {
        return folder;
    }

    /**
     * Adds the next one.
     *
     * @param tensors what differs from the input, by full name, beside what is in pieces of it
     * @param pieces files that {@link #writePiece} has written
     * @throws IOException if the disk refuses
     */
    public void add(Map<String, TensorBytes> tensors, List<Path> pieces) throws IOException {
        List<SafetensorsFile> opened = new ArrayList<>();
        try {
            Map<String, TensorBytes> all = new LinkedHashMap<>(tensors);
            List<LayerError> found = new ArrayList<>();
            for (Path piece : pieces) {
                SafetensorsFile file = SafetensorsFile.open(piece);
                opened.add(file);
                found.addAll(errors(file));
                file.tensors().stream().map(info -> file.tensor(info.name())).forEach(
                        tensor -> all.put(tensor.name(),
                                new TensorBytes(tensor.dtype(), tensor.shape(), tensor.data())));
            }
            write(file(folder, count()), all, found);
        } finally {
            opened.forEach(SafetensorsFile::close);
        }
        open();
    }

    /**
     * Writes a piece of a layer to a file of its own.
     *
     * @param tensors by full name
     * @param found errors of the linear layers in it
     * @throws IOException if the disk refuses
     */
    public static void writePiece(Path file, Map<String, TensorBytes> tensors, List<LayerError> found)
            throws IOException {
        write(file, tensors, found);
    }

    private static void write(Path file, Map<String, TensorBytes> tensors, List<LayerError> found)
            throws IOException {
        SafetensorsLayout layout = new SafetensorsLayout();
        ArrayNode json = JsonNodeFactory.instance.arrayNode();
        found.forEach(error -> json.add(LayerErrorJson.write(error)));
        layout.metadata(ERRORS, json.toString());
        tensors.forEach((name, tensor) -> layout.tensor(name, tensor.dtype(), tensor.shape()));
        try (SafetensorsWriter writer = SafetensorsWriter.createOrReplace(file, layout)) {
            for (Map.Entry<String, TensorBytes> tensor : tensors.entrySet()) {
                writer.write(tensor.getKey(), tensor.getValue().bytes());
            }
            writer.commit();
        }
    }

    /** A tensor of one of them. */
    public Optional<Tensor> find(String name) {
        return files.stream().filter(file -> file.contains(name)).findFirst().map(file -> file.tensor(name));
    }

    /** The file of one of those in a folder, for any process to read. */
    public static Path file(Path folder, int number) {
        return folder.resolve(String.format(Locale.ROOT, "layer-%05d.safetensors", number));
    }

    /** The error of a linear layer of one of them. */
    Optional<LayerError> error(String layer) {
        return Optional.ofNullable(errors.get(layer));
    }

    @Override
    public void close() {
        files.forEach(SafetensorsFile::close);
    }
}
