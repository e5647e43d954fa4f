import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * Clears the preview flag of class files below a folder.
 *
 * <p>The API classes were compiled for Java 21 with preview features, for {@code java.lang.foreign}, which became
 * final in Java 22 unchanged. A JVM loads preview classes of its own version only, and tells them by the minor
 * version 0xFFFF (JVMS 4.1); with 0 there, any newer JVM loads them.
 */
void main(String[] args) throws IOException {
    final int minorVersionOffset = 4;
    final byte previewByte = (byte) 0xFF;
    List<Path> classFiles;
    try (var files = Files.walk(Path.of(args[0]))) {
        classFiles = files.filter(file -> file.toString().endsWith(".class")).toList();
    }
    for (Path file : classFiles) {
        byte[] bytes = Files.readAllBytes(file);
        if (bytes[minorVersionOffset] == previewByte && bytes[minorVersionOffset + 1] == previewByte) {
            bytes[minorVersionOffset] = 0;
            bytes[minorVersionOffset + 1] = 0;
            Files.write(file, bytes);
        }
    }
}
