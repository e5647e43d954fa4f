package org.quantado.schemes.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;
import org.quantado.schemes.Golden;

/** Files of the format's reference implementation are read, and written again byte for byte. */
@Tag("golden")
class SafetensorsGoldenTest {
    @TempDir
    private Path folder;

    /** Those that a peer wrote, unlike the reports. */
    @TestFactory
    Stream<DynamicTest> sameBytesWhenWrittenAgain() {
        return Golden.tests("safetensors files",
                path -> path.toString().endsWith(".safetensors") && !Golden.isBad(path)
                        && !path.toString().contains("/reports/"),
                file -> {
                    Path copy = Files.createTempDirectory(folder, "copy").resolve("copy.safetensors");
                    copy(file, copy);
                    assertThat(Files.mismatch(file, copy)).isEqualTo(-1);
                });
    }

    private static void copy(Path from, Path to) throws IOException {
        try (SafetensorsFile file = SafetensorsFile.open(from)) {
            SafetensorsLayout layout = new SafetensorsLayout();
            file.metadata().forEach(layout::metadata);
            file.tensors().forEach(tensor -> layout.tensor(tensor.name(), tensor.dtype(), tensor.shape()));
            try (SafetensorsWriter writer = SafetensorsWriter.create(to, layout)) {
                for (TensorInfo tensor : file.tensors()) {
                    writer.write(tensor.name(), file.tensor(tensor.name()).data());
                }
                writer.commit();
            }
        }
    }
}
