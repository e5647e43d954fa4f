package org.quantado.schemes.quantize;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.quantado.schemes.checkpoint.SafetensorsWriter;

/**
 * Writes the files of a plan, a tensor of the input at a time: copies it or quantizes it, and notes it in the journal.
 * What the journal has and the file still holds is left as it is.
 */
final class ShardWriter {
    private final LinearizedCheckpoint input;
    private final LayerQuantizer quantizer;
    private final FinishedLayers finished;
    private final Journal journal;
    private final Parts parts;
    private final QuantizationProgress progress;
    private final List<LayerError> errors = new ArrayList<>();
    private int layersKept;

    /**
     * @param finished what a calibrator has made, which goes before the input's
     * @param parts what other processes have finished, if they were at it
     * @param progress told of each tensor that is done
     */
    ShardWriter(LinearizedCheckpoint input, LayerQuantizer quantizer, FinishedLayers finished, Journal journal,
            Parts parts, QuantizationProgress progress) {
        this.input = input;
        this.quantizer = quantizer;
        this.finished = finished;
        this.journal = journal;
        this.parts = parts;
        this.progress = progress;
    }

    /**
     * Writes a file, or what it still lacks.
     *
     * @throws IOException if the disk refuses
     */
    void write(QuantizationPlan.Shard shard, Path file) throws IOException {
        try (SafetensorsWriter writer = SafetensorsWriter.beginOrContinue(file, shard.layout())) {
            for (String name : shard.copied()) {
                if (kept(writer, name).isEmpty()) {
                    copy(writer, name);
                    finish(writer, name, List.of(name), Optional.empty());
                }
                progress.advance(name, 0);
            }
            for (String name : shard.added()) {
                if (kept(writer, name).isEmpty()) {
                    writer.write(name, finished.find(name).orElseThrow().data());
                    finish(writer, name, List.of(name), Optional.empty());
                }
            }
            for (PlannedLayer layer : shard.layers()) {
                write(writer, layer);
            }
            writer.commit();
        }
    }

    private void write(SafetensorsWriter writer, PlannedLayer layer) throws IOException {
        Optional<LayerError> earlier = kept(writer, layer.weight()).flatMap(Journal.Entry::error);
        if (earlier.isPresent()) {
            layersKept++;
            errors.add(earlier.get());
            progress.advance(layer.weight(), 0);
        } else {
            LayerError error = quantize(writer, layer);
            finish(writer, layer.weight(), layer.tensors().keySet(), Optional.of(error));
            errors.add(error);
            progress.advance(layer.weight(), input.info(layer.weight()).byteSize());
        }
    }

    /** Errors of all layers so far, in the order of the plan. */
    List<LayerError> errors() {
        return List.copyOf(errors);
    }

    /** How many layers an earlier attempt had finished. */
    int layersKept() {
        return layersKept;
    }

    /** What the journal says of a tensor, where all that it became is still in the file, or in a part. */
    private Optional<Journal.Entry> kept(SafetensorsWriter writer, String tensor) throws IOException {
        Optional<Journal.Entry> entry = journal.entry(tensor);
        if (entry.flatMap(Journal.Entry::part).isPresent()) {
            return parts.copy(entry.get(), writer) ? entry : Optional.empty();
        }
        for (Map.Entry<String, Long> sum : entry.map(Journal.Entry::checksums).orElse(Map.of()).entrySet()) {
            if (writer.checksum(sum.getKey()) != sum.getValue()) {
                return Optional.empty();
            }
        }
        entry.ifPresent(found -> found.checksums().keySet().forEach(writer::keep));
        return entry;
    }

    private void finish(SafetensorsWriter writer, String tensor, Collection<String> written,
            Optional<LayerError> error) throws IOException {
        Map<String, Long> checksums = new LinkedHashMap<>();
        for (String name : written) {
            checksums.put(name, writer.checksum(name));
        }
        journal.add(new Journal.Entry(tensor, checksums, error, Optional.empty()));
    }

    private void copy(SafetensorsWriter writer, String name) throws IOException {
        try (Arena arena = Arena.ofShared()) {
            writer.write(name, finished.find(name).orElseGet(() -> input.tensor(name, arena)).data());
        }
    }

    private LayerError quantize(SafetensorsWriter writer, PlannedLayer layer) throws IOException {
        Optional<LayerError> error = finished.error(layer.name());
        if (error.isEmpty()) {
            return quantizer.quantize(layer, writer::write);
        }
        for (String name : layer.tensors().keySet()) {
            writer.write(name, finished.find(name).orElseThrow().data());
        }
        return error.get();
    }
}
