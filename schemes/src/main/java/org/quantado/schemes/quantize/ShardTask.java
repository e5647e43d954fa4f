package org.quantado.schemes.quantize;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.quantado.schemes.checkpoint.SafetensorsWriter;
import org.quantado.schemes.cluster.ClusterTask;

/**
 * Puts a file of the checkpoint together, of tensors of the input, of parts and of what a calibrator has finished, and
 * gives the name that it has until it is moved to its place.
 *
 * @param shard the file's name in the checkpoint
 * @param entries those of its layers in the {@link Journal}, as lines; the others were finished by a calibrator
 */
record ShardTask(String shard, ArrayList<String> entries) implements ClusterTask<PlannedInput, String> {
    static ShardTask of(QuantizationPlan.Shard shard, Journal journal) {
        ArrayList<String> entries = new ArrayList<>();
        shard.layers().forEach(
                layer -> journal.entry(layer.weight()).map(Journal.Entry::line).ifPresent(entries::add));
        return new ShardTask(shard.name(), entries);
    }

    @Override
    public String work(PlannedInput place) throws IOException {
        QuantizationPlan.Shard planned = place.shard(shard);
        String name = UUID.randomUUID() + ".safetensors";
        Path file = place.folders().shards().resolve(name);
        try (SafetensorsWriter writer = SafetensorsWriter.create(file, planned.layout());
                Parts parts = new Parts(place.folders().parts())) {
            copy(planned.copied(), place, writer);
            copyFinished(planned, place, writer);
            for (String line : entries) {
                Journal.Entry entry = Journal.Entry.read(line);
                if (!parts.copy(entry, writer)) {
                    throw new IOException(place.folders().parts().resolve(entry.part().orElseThrow())
                            + ": found other bytes of layer " + entry.tensor()
                            + " than were written; after deleting the file, the same command makes it again");
                }
            }
            writer.commit();
        }
        return name;
    }

    private static void copy(List<String> names, PlannedInput place, SafetensorsWriter writer) throws IOException {
        for (String name : names) {
            try (Arena arena = Arena.ofShared()) {
                writer.write(name, place.finished().find(name)
                        .orElseGet(() -> place.tensors().tensor(name, arena)).data());
            }
        }
    }

    private static void copyFinished(QuantizationPlan.Shard planned, PlannedInput place, SafetensorsWriter writer)
            throws IOException {
        List<String> names = new ArrayList<>(planned.added());
        planned.layers().stream().filter(layer -> place.finished().error(layer.name()).isPresent())
                .forEach(layer -> names.addAll(layer.tensors().keySet()));
        for (String name : names) {
            writer.write(name, place.finished().find(name).orElseThrow().data());
        }
    }
}
