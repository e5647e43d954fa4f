package org.quantado.models.decoder;

import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;
import java.util.function.BiConsumer;

import org.quantado.kernels.attention.KvCache;
import org.quantado.kernels.embedding.Embedding;
import org.quantado.kernels.graph.LayerGraph;
import org.quantado.kernels.matmul.Matmul;

import uk.ac.manchester.tornado.api.annotations.Parallel;
import uk.ac.manchester.tornado.api.common.TaskPackage;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;
import uk.ac.manchester.tornado.api.types.arrays.TornadoNativeArray;
import uk.ac.manchester.tornado.api.types.collections.TornadoCollectionInterface;

/**
 * What stays on the device while a session lives: weights, tables, caches, and what one graph leaves for the next. One graph
 * uploads it, in tasks that read an element of each array, since a graph keeps only what it uses; all others find it there.
 */
final class DeviceState {
    /** Name of the graph that uploads it. */
    static final String GRAPH = "state";

    private final Set<Object> known = Collections.newSetFromMap(new IdentityHashMap<>());
    private final List<Object> arrays = new ArrayList<>();
    private final List<BiConsumer<LayerGraph, String>> touches = new ArrayList<>();

    void add(Matmul matmul) {
        add(matmul::touch, matmul.arrays());
    }

    void add(Embedding embedding) {
        add(embedding::touch, embedding.arrays());
    }

    void add(KvCache cache) {
        add(cache::touch, cache.arrays());
    }

    void add(FloatArray floats) {
        if (!known.contains(floats)) {
            add((graph, task) -> graph.task(
                    TaskPackage.createPackage(task, DeviceState::readFloats, floats, new FloatArray(1)), 1, 1), floats);
        }
    }

    void add(IntArray ints) {
        if (!known.contains(ints)) {
            add((graph, task) -> graph.task(
                    TaskPackage.createPackage(task, DeviceState::readInts, ints, new IntArray(1)), 1, 1), ints);
        }
    }

    private void add(BiConsumer<LayerGraph, String> touch, Object... some) {
        touches.add(touch);
        for (Object array : some) {
            if (known.add(array)) {
                arrays.add(array);
            }
        }
    }

    private static void readFloats(FloatArray floats, FloatArray witness) {
        for (@Parallel int i = 0; i < witness.getSize(); i++) {
            witness.set(i, floats.get(i));
        }
    }

    private static void readInts(IntArray ints, IntArray witness) {
        for (@Parallel int i = 0; i < witness.getSize(); i++) {
            witness.set(i, ints.get(i));
        }
    }

    Object[] arrays() {
        return arrays.toArray();
    }

    /** Makes a graph the one that uploads everything, when it is executed first. */
    void upload(LayerGraph graph) {
        graph.constants(arrays());
        touch(graph);
    }

    /** Makes a graph the one that uploads everything, whenever it is executed. */
    void uploadEachTime(LayerGraph graph) {
        graph.inputs(arrays());
        touch(graph);
    }

    private void touch(LayerGraph graph) {
        for (int i = 0; i < touches.size(); i++) {
            touches.get(i).accept(graph, "touch" + i);
        }
        graph.persist(arrays());
    }

    /**
     * Copies what was added to another state to where things of the same kind were first added here.
     *
     * @return false if their arrays are of other sizes; then nothing was copied
     */
    boolean copyFrom(DeviceState other) {
        List<MemorySegment> from = other.arrays.stream().map(DeviceState::segment).toList();
        List<MemorySegment> to = arrays.stream().limit(from.size()).map(DeviceState::segment).toList();
        if (!sizes(from).equals(sizes(to))) {
            return false;
        }
        for (int i = 0; i < from.size(); i++) {
            to.get(i).copyFrom(from.get(i));
        }
        return true;
    }

    private static List<Long> sizes(List<MemorySegment> segments) {
        return segments.stream().map(MemorySegment::byteSize).toList();
    }

    private static MemorySegment segment(Object array) {
        return switch (array) {
            case TornadoNativeArray nativeArray -> nativeArray.getSegment();
            case TornadoCollectionInterface<?> vectors -> vectors.getSegment();
            default -> throw new IllegalArgumentException("an array of " + array.getClass());
        };
    }

    /** Lets a graph find everything on the device. */
    void consumeIn(LayerGraph graph) {
        graph.consume(GRAPH, arrays());
    }
}
