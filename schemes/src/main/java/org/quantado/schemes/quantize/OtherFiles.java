package org.quantado.schemes.quantize;

import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * The files of a checkpoint besides its tensors, config and index, such as those of the tokenizer.
 *
 * @param copied paths relative to the checkpoint
 * @param leftOut paths of files with weights in another form, which would contradict the quantized ones
 */
record OtherFiles(List<Path> copied, List<Path> leftOut) {
    private static final Pattern WEIGHTS = Pattern.compile(
            ".*\\.(safetensors|pth|pt|ckpt|gguf|h5|msgpack|onnx|onnx_data)|pytorch_model.*\\.bin|.*\\.index\\.json");

    /**
     * Lists them.
     *
     * @param replaced names of files that are written anew
     */
    static OtherFiles of(Path checkpoint, Set<String> replaced) throws IOException {
        OtherFiles files = new OtherFiles(new ArrayList<>(), new ArrayList<>());
        Files.walkFileTree(checkpoint, new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult preVisitDirectory(Path folder, BasicFileAttributes attributes) {
                boolean hidden = !folder.equals(checkpoint) && isHidden(folder);
                return hidden ? FileVisitResult.SKIP_SUBTREE : FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
                Path relative = checkpoint.relativize(file);
                if (Files.isRegularFile(file) && !isHidden(file) && !replaced.contains(relative.toString())) {
                    boolean weights = WEIGHTS.matcher(file.getFileName().toString()).matches();
                    (weights ? files.leftOut : files.copied).add(relative);
                }
                return FileVisitResult.CONTINUE;
            }
        });
        files.copied.sort(null);
        files.leftOut.sort(null);
        return files;
    }

    /** Version control and download caches. */
    private static boolean isHidden(Path path) {
        return path.getFileName().toString().startsWith(".");
    }

    /** Copies what is to be copied, links as what they lead to. */
    void copy(Path from, Path to) throws IOException {
        for (Path file : copied) {
            Path target = to.resolve(file);
            Files.createDirectories(target.getParent());
            Files.copy(from.resolve(file), target, StandardCopyOption.REPLACE_EXISTING);
        }
    }
}
