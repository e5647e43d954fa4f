package org.quantado.models.calibrate;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.IntFunction;
import java.util.stream.IntStream;

import org.quantado.schemes.checkpoint.DiskSpace;
import org.quantado.schemes.cluster.Cluster;
import org.quantado.schemes.cluster.Place;
import org.quantado.schemes.cluster.TaskResult;

/**
 * The states of all samples between layers: a file for each block, which appears complete or not at all, once this process
 * has heard of it. What is there is kept, whoever dies.
 *
 * @param place where its tasks work
 * @param folder of the files
 * @param made folder in which tasks write under names that nobody else uses
 */
record SampleStates(Cluster cluster, Place<CalibrationSite> place, SampleBlocks blocks, Path folder, Path made) {
    private Path file(int layer, int block) {
        return folder.resolve(BlockStates.name(layer, block));
    }

    /** Whether all states before a layer are there. */
    boolean areBefore(int layer) {
        return missing(layer).isEmpty();
    }

    private List<Integer> missing(int layer) {
        return IntStream.range(0, blocks.count()).filter(block -> !Files.exists(file(layer, block))).boxed().toList();
    }

    /**
     * Makes the states before a layer that are not there; those before the layer before it go.
     *
     * @param name what the tasks are, for whoever watches
     * @param task makes those of a block, and gives the name of the file
     * @param done told of each block
     */
    void make(int layer, String name, IntFunction<SiteTask<String>> task, Consumer<TaskResult<Integer>> done)
            throws IOException {
        List<Integer> missing = missing(layer);
        DiskSpace.require(made, missing.stream().mapToLong(blocks::stateBytes).sum());
        cluster.run(name, place, missing.stream().map(task::apply).toList(), result -> {
            int block = missing.get(result.task());
            try {
                Files.move(made.resolve(result.value()), file(layer, block), StandardCopyOption.ATOMIC_MOVE,
                        StandardCopyOption.REPLACE_EXISTING);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
            done.accept(new TaskResult<>(result.task(), block, result.worker(), result.nanos()));
        });
        for (int earlier = 0; earlier < layer; earlier++) {
            for (int block = 0; block < blocks.count(); block++) {
                Files.deleteIfExists(file(earlier, block));
            }
        }
    }
}
