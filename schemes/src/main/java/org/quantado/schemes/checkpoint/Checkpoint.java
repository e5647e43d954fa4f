package org.quantado.schemes.checkpoint;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Stream;

import org.quantado.schemes.hub.ModelCache;

/**
 * The tensors of a model, in one safetensors file or in shards with an index, and the config that may lie beside
 * them.
 * <p>
 * All headers are read and checked when it is opened; the data stays on disk until it is touched. Where a folder
 * has an index, the index says which tensors there are: what else a shard holds is left alone.
 */
public final class Checkpoint implements TensorSource, AutoCloseable {
    /** The file of an unsharded checkpoint. */
    public static final String SINGLE_FILE_NAME = "model.safetensors";
    /** What it is called where shards are counted although there is only one. */
    public static final String ONLY_SHARD_NAME = "model-00001-of-00001.safetensors";
    /** The file that says which shard holds which tensor. */
    public static final String INDEX_FILE_NAME = "model.safetensors.index.json";
    /** The file that describes the model. */
    public static final String CONFIG_FILE_NAME = "config.json";

    private final Path path;
    private final List<SafetensorsFile> files;
    private final Map<String, Entry> entries;
    private final List<String> unlistedNames;
    private final SortedNames sortedNames;

    /** A tensor, and what its header says of it. */
    private record Entry(TensorInfo info, Tensor tensor) {
        static Entry of(SafetensorsFile file, String name) {
            return new Entry(file.info(name).orElseThrow(), file.tensor(name));
        }
    }

    private Checkpoint(Path path, List<SafetensorsFile> files, Map<String, Entry> entries,
            List<String> unlistedNames) {
        this.path = path;
        this.files = files;
        this.entries = entries;
        this.unlistedNames = List.copyOf(unlistedNames);
        this.sortedNames = new SortedNames(entries.keySet());
    }

    /**
     * Opens a folder with {@code model.safetensors.index.json}, {@code model.safetensors} or
     * {@code model-00001-of-00001.safetensors}, or a safetensors file by itself.
     *
     * @param model one of these, or the id of a model in the cache, as {@link #locate} has it
     * @throws CheckpointException if there is no such thing, or something is wrong with one of its files
     */
    public static Checkpoint open(Path model) {
        Path path = locate(model);
        if (!Files.isDirectory(path)) {
            return ofOneFile(path, path);
        }
        Path index = path.resolve(INDEX_FILE_NAME);
        if (Files.exists(index)) {
            return ofShards(path, ShardIndex.read(index));
        }
        Path single = Stream.of(SINGLE_FILE_NAME, ONLY_SHARD_NAME).map(path::resolve).filter(Files::exists).findFirst()
                .orElseThrow(() -> OtherFolder.of(path).toException());
        return ofOneFile(path, single);
    }

    /**
     * Where a model is: the path itself where it leads somewhere, else the snapshot in Hugging Face's cache of the model
     * whose id it is, {@code org/name} or {@code org/name@revision}.
     *
     * @throws CheckpointException if there is neither
     */
    public static Path locate(Path model) {
        return ModelCache.find(model).orElseThrow(() -> Missing.checkpoint(model));
    }

    private static Checkpoint ofOneFile(Path path, Path single) {
        SafetensorsFile file = SafetensorsFile.open(single);
        Map<String, Entry> entries = new LinkedHashMap<>();
        file.tensors().forEach(tensor -> entries.put(tensor.name(), Entry.of(file, tensor.name())));
        return new Checkpoint(path, List.of(file), entries, List.of());
    }

    private static Checkpoint ofShards(Path directory, ShardIndex index) {
        Map<String, SafetensorsFile> opened = new LinkedHashMap<>();
        try {
            Map<String, Entry> entries = new LinkedHashMap<>();
            index.shards().forEach((tensor, shardName) -> {
                SafetensorsFile shard = opened.computeIfAbsent(shardName,
                        name -> openShard(directory.resolve(name), index, tensor));
                if (!shard.contains(tensor)) {
                    throw new CheckpointException(index.file(),
                            "weight_map " + CheckpointException.quote(tensor),
                            "the name of " + shardName + ", which has no such tensor",
                            "the name of the file that has it");
                }
                entries.put(tensor, Entry.of(shard, tensor));
            });
            return new Checkpoint(directory, List.copyOf(opened.values()), entries, unlisted(opened.values(), entries));
        } catch (RuntimeException | Error e) {
            opened.values().forEach(SafetensorsFile::close);
            throw e;
        }
    }

    private static SafetensorsFile openShard(Path shard, ShardIndex index, String tensor) {
        if (!Files.exists(shard)) {
            throw new CheckpointException(index.file(), "weight_map " + CheckpointException.quote(tensor),
                    "the name of " + shard.getFileName() + ", which does not exist",
                    "a file beside the index" + ModelCache.completion(index.file().toAbsolutePath().getParent())
                            .map(advice -> "; " + advice).orElse(""));
        }
        return SafetensorsFile.open(shard);
    }

    private static List<String> unlisted(Collection<SafetensorsFile> files, Map<String, Entry> entries) {
        List<String> unlisted = new ArrayList<>();
        for (SafetensorsFile file : files) {
            for (TensorInfo tensor : file.tensors()) {
                Entry entry = entries.get(tensor.name());
                if (entry == null || !entry.tensor.file().equals(file.path())) {
                    unlisted.add(tensor.name());
                }
            }
        }
        return unlisted;
    }

    /**
     * The same files, some tensors of which are seen as others. They are closed together.
     *
     * @param reading what a tensor is seen as: itself, or others that have names of their own
     * @throws CheckpointException if two are seen under one name
     */
    public Checkpoint seenAs(Function<Tensor, List<Tensor>> reading) {
        Map<String, Entry> seen = new LinkedHashMap<>();
        entries.values().forEach(entry -> reading.apply(entry.tensor).forEach(tensor -> {
            Entry other = seen.put(tensor.name(), tensor == entry.tensor ? entry : seen(entry, tensor));
            if (other != null) {
                throw tensor.error("a second tensor of this name", "one");
            }
        }));
        return new Checkpoint(path, files, seen, unlistedNames);
    }

    private static Entry seen(Entry stored, Tensor tensor) {
        return new Entry(new TensorInfo(tensor.name(), tensor.dtype(), tensor.shape(), stored.info.offset(),
                tensor.dtype().byteSize(tensor.elements())), tensor);
    }

    /** What was opened: a folder or a file. */
    public Path path() {
        return path;
    }

    /** The {@code config.json} of the folder, if it has one; a file by itself has none. */
    public Optional<Path> configFile() {
        return Optional.of(path).filter(Files::isDirectory).map(folder -> folder.resolve(CONFIG_FILE_NAME))
                .filter(Files::exists);
    }

    /** The files of the checkpoint, as they first appear in the index. */
    public List<SafetensorsFile> files() {
        return files;
    }

    /** Names of all tensors: in the order of the index, or of the data of the one file. */
    public Collection<String> names() {
        return Collections.unmodifiableSet(entries.keySet());
    }

    /** Names of tensors that lie in a shard although the index does not say so. */
    public List<String> unlistedNames() {
        return unlistedNames;
    }

    /** What the headers say of all tensors, by name, in the order of {@link #names}. */
    public Map<String, TensorInfo> infos() {
        Map<String, TensorInfo> infos = LinkedHashMap.newLinkedHashMap(entries.size());
        entries.forEach((name, entry) -> infos.put(name, entry.info));
        return infos;
    }

    /** What the header says of the tensor of this name, which is there. */
    TensorInfo infoOf(String name) {
        return entries.get(name).info;
    }

    @Override
    public Optional<Tensor> find(String name) {
        return Optional.ofNullable(entries.get(name)).map(Entry::tensor);
    }

    /**
     * The tensor of this name.
     *
     * @throws CheckpointException if there is none, with names like it
     */
    @Override
    public Tensor tensor(String name) {
        return find(name).orElseThrow(() -> NearNames.missing(path, name, entries.keySet()));
    }

    @Override
    public List<String> namesThatBegin(String beginning) {
        return sortedNames.thatBegin(beginning);
    }

    /** Closes all files; their tensors can no longer be read. */
    @Override
    public void close() {
        files.forEach(SafetensorsFile::close);
    }
}
