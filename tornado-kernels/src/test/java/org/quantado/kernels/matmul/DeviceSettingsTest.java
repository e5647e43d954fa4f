package org.quantado.kernels.matmul;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.quantado.kernels.engine.Conf;
import org.quantado.kernels.engine.ConfException;
import org.quantado.kernels.engine.Engine;

class DeviceSettingsTest {
    private static final String FILE = "devices/tested.properties";

    @TempDir
    private Path folder;
    private String before;

    @BeforeEach
    void useFolder() throws IOException {
        Files.createDirectory(folder.resolve("devices"));
        before = System.getProperty(Conf.FOLDER_PROPERTY);
        System.setProperty(Conf.FOLDER_PROPERTY, folder.toString());
    }

    @AfterEach
    void leaveFolder() {
        System.clearProperty(FlavourChoice.FLAVOUR_PROPERTY);
        if (before == null) {
            System.clearProperty(Conf.FOLDER_PROPERTY);
        } else {
            System.setProperty(Conf.FOLDER_PROPERTY, before);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"cpu", "gpu", "host"})
    void filesOfClassesSayWhatIsUsualAnyway(String kind) {
        DeviceSettings settings = DeviceSettings.read("devices/" + kind + ".properties");
        assertThat(settings).isEqualTo(DeviceSettings.of(settings.flavour()));
        assertThat(settings.flavour().name()).isEqualToIgnoringCase(kind);
    }

    @ParameterizedTest
    @EnumSource
    void whatIsWrittenIsReadAgain(Flavour flavour) throws IOException {
        int largest = flavour.blockSizes().getLast();
        DeviceSettings settings = DeviceSettings.of(flavour).with(BlockSizes.of(Map.of(1, 1, 64, largest)));
        write(settings.toFile());
        assertThat(DeviceSettings.read(FILE)).isEqualTo(settings);
    }

    @Test
    void workItemsAreReadAndWritten() throws IOException {
        write("flavour = gpu\nwork_items = 4096\n");
        DeviceSettings settings = DeviceSettings.read(FILE);
        assertThat(settings).isEqualTo(new DeviceSettings(Flavour.GPU, Flavour.GPU.usualBlocks(), 4096));
        write(settings.toFile());
        assertThat(DeviceSettings.read(FILE)).isEqualTo(settings);
    }

    @Test
    void blocksAreUsualWhereTheFileDoesNotSayThem() throws IOException {
        write("flavour = Cpu\n");
        assertThat(DeviceSettings.read(FILE)).isEqualTo(DeviceSettings.of(Flavour.CPU));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {"'' | flavour: found nothing, expected one of [portable, cpu",
            "flavour = spicy | flavour: found spicy, expected one of [portable",
            "flavour = cpu;rows = 4 | rows: found such a key, expected one of [flavour, rows_per_block]",
            "flavour = cpu;rows_per_block = | rows_per_block: found  (",
            "flavour = cpu;rows_per_block = 1:1 4 | 4 is not",
            "flavour = cpu;rows_per_block = 4:4 | size of a block for every",
            "flavour = cpu;rows_per_block = 1:1 4:4 4:16 | 4 rows are there twice",
            "flavour = cpu;rows_per_block = 1:x | x", "flavour = cpu;rows_per_block = 1:1 99999999999:4 | 99999999999",
            "flavour = cpu;rows_per_block = 1:1 4:8 | expected pairs FROM_ROWS:SIZE",
            "flavour = gpu;rows_per_block = 1:1 4:4 | of sizes [1, 16, 64]",
            "flavour = cpu;work_items = 4 | work_items: found such a key, expected one of [flavour, rows_per_block]",
            "flavour = gpu;rows = 4 | expected one of [flavour, rows_per_block, work_items]",
            "flavour = gpu;work_items = 0 | work_items: found 0, expected a number from 1 to 2147483647",
            "flavour = gpu;work_items = all | work_items: found all, expected a number", "flavour = \\u12 | Malformed"})
    void whatIsWrongIsSaidWithFileAndKey(String lines, String message) throws IOException {
        write(lines.replace(';', '\n'));
        assertThatThrownBy(() -> DeviceSettings.read(FILE)).isInstanceOf(ConfException.class)
                .hasMessageStartingWith("conf/" + FILE + ": ").hasMessageContaining(message);
    }

    @Test
    void theFileOfTheDeviceGoesBeforeThatOfItsClass() throws IOException {
        String usual = FlavourChoice.forDevice().reason();
        assertThat(usual).startsWith("conf/devices/host.properties");
        String own = DeviceFile.own(Engine.device());
        assertThat(own).matches("devices/[a-z]+-[a-z0-9-]+[a-z0-9]\\.properties");
        DeviceSettings settings = DeviceSettings.of(Flavour.CPU).with(BlockSizes.of(Map.of(1, 4)));
        Files.writeString(folder.resolve(own), settings.toFile());
        assertThat(FlavourChoice.forDevice()).isEqualTo(new FlavourChoice(settings, "conf/" + own));
        System.setProperty(FlavourChoice.FLAVOUR_PROPERTY, "cpu");
        assertThat(FlavourChoice.forDevice().settings()).isEqualTo(settings);
        System.setProperty(FlavourChoice.FLAVOUR_PROPERTY, "portable");
        assertThat(FlavourChoice.forDevice().settings()).isEqualTo(DeviceSettings.of(Flavour.PORTABLE));
    }

    @Test
    void sizesHoldFromTheirRowsOn() {
        BlockSizes blocks = BlockSizes.parse(" 16:16 1:1  4:4 ");
        assertThat(blocks).hasToString("1:1 4:4 16:16");
        assertThat(blocks.rowsPerBlock(0)).isEqualTo(1);
        assertThat(blocks.rowsPerBlock(3)).isEqualTo(1);
        assertThat(blocks.rowsPerBlock(4)).isEqualTo(4);
        assertThat(blocks.rowsPerBlock(15)).isEqualTo(4);
        assertThat(blocks.rowsPerBlock(256)).isEqualTo(16);
    }

    private void write(String text) throws IOException {
        Files.writeString(folder.resolve(FILE), text);
    }
}
