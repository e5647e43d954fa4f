package org.quantado.schemes.quantize;

import java.io.IOException;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.quantado.schemes.checkpoint.SafetensorsLayout;
import org.quantado.schemes.checkpoint.SafetensorsWriter;
import org.quantado.schemes.cluster.ClusterTask;

/**
 * Quantizes some units into a part of its own, and gives their entries for the {@link Journal}, as lines.
 *
 * @param layers names of all layers of the units
 */
record PartTask(ArrayList<String> layers) implements ClusterTask<PlannedInput, PartTask.Entries> {
    /** Lines for the journal. */
    record Entries(List<String> lines) implements Serializable {
    }

    static PartTask of(List<Unit> units) {
        return new PartTask(units.stream().flatMap(unit -> unit.layers().stream()).map(PlannedLayer::name)
                .collect(ArrayList::new, ArrayList::add, ArrayList::addAll));
    }

    @Override
    public Entries work(PlannedInput place) throws IOException {
        List<PlannedLayer> planned = layers.stream().map(place::layer).toList();
        SafetensorsLayout layout = new SafetensorsLayout();
        planned.forEach(layer -> layer.tensors()
                .forEach((name, stored) -> layout.tensor(name, stored.dtype(), stored.shape())));
        LayerQuantizer quantizer = place.quantizer(planned);
        String part = UUID.randomUUID() + ".safetensors";
        List<String> entries = new ArrayList<>();
        try (SafetensorsWriter writer = SafetensorsWriter.create(place.folders().parts().resolve(part), layout)) {
            for (PlannedLayer layer : planned) {
                Map<String, Long> checksums = new LinkedHashMap<>();
                LayerError error = quantizer.quantize(layer, (name, bytes) -> {
                    writer.write(name, bytes);
                    checksums.put(name, Parts.checksum(bytes));
                });
                entries.add(new Journal.Entry(layer.weight(), checksums, Optional.of(error), Optional.of(part))
                        .line());
            }
            writer.commit();
        }
        return new Entries(entries);
    }
}
