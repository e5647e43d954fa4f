package org.quantado.schemes.quantize;

import java.lang.foreign.Arena;
import java.lang.foreign.SegmentAllocator;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.stream.Stream;

import org.quantado.schemes.checkpoint.Checkpoint;
import org.quantado.schemes.checkpoint.CheckpointException;
import org.quantado.schemes.checkpoint.SafetensorsFile;
import org.quantado.schemes.checkpoint.Tensor;
import org.quantado.schemes.checkpoint.TensorInfo;
import org.quantado.schemes.checkpoint.LinearizedExperts;
import org.quantado.schemes.config.ModelConfig;

/**
 * A checkpoint in which every weight is a matrix of its own, as it is to be quantized: where experts are stacked in one
 * tensor, it has a layer for each matrix of each expert instead.
 */
final class LinearizedCheckpoint {
    private final Checkpoint checkpoint;
    private final List<LinearizedExperts> blocks;
    private final Map<String, Seen> tensors = new LinkedHashMap<>();

    /** A tensor as it is seen, and the tensor of the checkpoint that it is seen in. */
    private record Seen(TensorInfo info, String stored, Optional<LinearizedExperts> experts) {
    }

    private LinearizedCheckpoint(Checkpoint checkpoint, List<LinearizedExperts> blocks) {
        this.checkpoint = checkpoint;
        this.blocks = blocks;
        checkpoint.infos().values().forEach(this::see);
    }

    /**
     * A checkpoint with all of its experts taken apart that can be.
     *
     * @throws CheckpointException if stacked experts cannot be what they seem to be
     */
    static LinearizedCheckpoint of(Checkpoint checkpoint) {
        return new LinearizedCheckpoint(checkpoint, ModelConfig.of(checkpoint).stackLayout()
                .map(layout -> LinearizedExperts.of(checkpoint, layout)).orElse(List.of()));
    }

    /** The same checkpoint, in which only the experts of some blocks are taken apart. */
    LinearizedCheckpoint where(Predicate<String> block) {
        return new LinearizedCheckpoint(checkpoint,
                blocks.stream().filter(experts -> block.test(experts.block())).toList());
    }

    private void see(TensorInfo stored) {
        Optional<LinearizedExperts> experts = blocks.stream().filter(block -> !block.seenAs(stored).isEmpty())
                .findFirst();
        for (TensorInfo info : experts.map(block -> block.seenAs(stored)).orElse(List.of(stored))) {
            Seen other = tensors.put(info.name(), new Seen(info, stored.name(), experts));
            if (other != null) {
                throw checkpoint.tensor(stored.name())
                        .error("experts of which " + CheckpointException.quote(info.name())
                                + " is there, too", "experts that are stacked or single");
            }
        }
    }

    /**
     * The checkpoint with other tensors in the place of some; where one of stacked experts' is replaced, all of them are
     * single ones.
     *
     * @param others by the names of those that they replace
     */
    Checkpoint with(Map<String, ? extends Collection<Tensor>> others) {
        Map<String, List<Seen>> seenIn = new LinkedHashMap<>();
        tensors.values().forEach(seen -> seenIn.computeIfAbsent(seen.stored, name -> new ArrayList<>()).add(seen));
        return checkpoint.seenAs(stored -> {
            List<Seen> seen = seenIn.get(stored.name());
            return seen.stream().noneMatch(some -> others.containsKey(some.info.name()))
                    ? List.of(stored)
                    : seen.stream().flatMap(some -> others.containsKey(some.info.name())
                            ? others.get(some.info.name()).stream()
                            : Stream.of(tensor(some.info.name(), Arena.ofAuto()).named(some.info.name()))).toList();
        });
    }

    /** All tensors. */
    List<TensorInfo> infos() {
        return tensors.values().stream().map(Seen::info).toList();
    }

    /** A tensor's type, shape and size. */
    TensorInfo info(String name) {
        return tensors.get(name).info;
    }

    /** What the tensors of one of the checkpoint's files are seen as; those that the index does not name are not. */
    List<TensorInfo> tensorsOf(SafetensorsFile file) {
        Map<String, List<TensorInfo>> seenIn = new LinkedHashMap<>();
        file.tensors().forEach(stored -> seenIn.put(stored.name(), new ArrayList<>()));
        tensors.values().stream().filter(seen -> stored(seen).file().equals(file.path()))
                .forEach(seen -> seenIn.get(seen.stored).add(seen.info));
        return seenIn.values().stream().flatMap(List::stream).toList();
    }

    private Tensor stored(Seen seen) {
        return checkpoint.tensor(seen.stored);
    }

    /** A {@link CheckpointException} about a tensor. */
    CheckpointException error(String name, String found, String expected) {
        Seen seen = tensors.get(name);
        return new CheckpointException(stored(seen).file(), "tensor " + CheckpointException.quote(name)
                + (seen.stored.equals(name) ? "" : " in " + CheckpointException.quote(seen.stored)), found, expected);
    }

    /**
     * A tensor.
     *
     * @param memory where it is held if it is an expert's
     */
    Tensor tensor(String name, SegmentAllocator memory) {
        Seen seen = tensors.get(name);
        return seen.experts.map(block -> block.tensor(name, memory)).orElseGet(() -> stored(seen));
    }
}
