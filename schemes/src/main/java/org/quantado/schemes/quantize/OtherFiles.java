package org.quantado.schemes.quantize;

import java.io.IOException;
import java.nio.file.FileSystemLoopException;
import java.nio.file.FileVisitOption;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.EnumSet;
import java.util.Set;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Pattern;

/**
 * The files of a checkpoint besides its tensors, config and index, such as those of the tokenizer; links are what they
 * lead to.
 *
 * @param copied paths relative to the checkpoint
 * @param leftOut what is not copied, by relative path, and why
 */
record OtherFiles(SortedSet<Path> copied, SortedMap<String, String> leftOut) {
    private static final Pattern WEIGHTS = Pattern.compile(
            ".*\\.(safetensors|pth|pt|ckpt|gguf|h5|msgpack|onnx|onnx_data)|pytorch_model.*\\.bin|.*\\.index\\.json");
    /** They would contradict the quantized ones. */
    private static final String OTHER_WEIGHTS = "weights in another form";
    /** Version control and download caches. */
    private static final String HIDDEN = "hidden";
    private static final String DANGLING = "a link that leads nowhere";
    private static final String LOOP = "a link to a folder that it is in";
    private static final String UNREADABLE = "cannot be read";
    /** What other programs read of how weights are quantized, beside the config. */
    private static final Set<String> OTHER_CONFIGS = Set.of("hf_quant_config.json", "quantize_config.json",
            "quant_config.json");
    private static final String OTHER_CONFIG = "says how the input is quantized";
    private static final String NO_FILE = "neither a file nor a folder";

    /**
     * Lists them.
     *
     * @param replaced names of files that are written anew
     */
    static OtherFiles of(Path checkpoint, Set<String> replaced) throws IOException {
        OtherFiles files = new OtherFiles(new TreeSet<>(), new TreeMap<>());
        Files.walkFileTree(checkpoint, EnumSet.of(FileVisitOption.FOLLOW_LINKS), Integer.MAX_VALUE,
                new SimpleFileVisitor<>() {
                    @Override
                    public FileVisitResult preVisitDirectory(Path folder, BasicFileAttributes attributes) {
                        if (folder.equals(checkpoint) || !isHidden(folder)) {
                            return FileVisitResult.CONTINUE;
                        }
                        files.leaveOut(checkpoint.relativize(folder), HIDDEN);
                        return FileVisitResult.SKIP_SUBTREE;
                    }

                    @Override
                    public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
                        Path relative = checkpoint.relativize(file);
                        if (!replaced.contains(relative.toString())) {
                            files.add(file, relative, attributes);
                        }
                        return FileVisitResult.CONTINUE;
                    }

                    @Override
                    public FileVisitResult visitFileFailed(Path file, IOException e) {
                        files.leaveOut(checkpoint.relativize(file),
                                e instanceof FileSystemLoopException ? LOOP : UNREADABLE);
                        return FileVisitResult.CONTINUE;
                    }
                });
        return files;
    }

    private void add(Path file, Path relative, BasicFileAttributes attributes) {
        if (isHidden(file)) {
            leaveOut(relative, HIDDEN);
        } else if (attributes.isSymbolicLink()) {
            leaveOut(relative, DANGLING);
        } else if (!attributes.isRegularFile()) {
            leaveOut(relative, NO_FILE);
        } else if (WEIGHTS.matcher(file.getFileName().toString()).matches()) {
            leaveOut(relative, OTHER_WEIGHTS);
        } else if (OTHER_CONFIGS.contains(relative.toString())) {
            leaveOut(relative, OTHER_CONFIG);
        } else if (!Files.isReadable(file)) {
            leaveOut(relative, UNREADABLE);
        } else {
            copied.add(relative);
        }
    }

    private void leaveOut(Path file, String reason) {
        leftOut.put(file.toString(), reason);
    }

    private static boolean isHidden(Path path) {
        return path.getFileName().toString().startsWith(".");
    }

    /** Bytes of all that is to be copied. */
    long byteSize(Path from) throws IOException {
        long bytes = 0;
        for (Path file : copied) {
            bytes += Files.size(from.resolve(file));
        }
        return bytes;
    }

    /** Copies what is to be copied. */
    void copy(Path from, Path to) throws IOException {
        for (Path file : copied) {
            Path target = to.resolve(file);
            Files.createDirectories(target.getParent());
            Files.copy(from.resolve(file), target, StandardCopyOption.REPLACE_EXISTING);
        }
    }
}
