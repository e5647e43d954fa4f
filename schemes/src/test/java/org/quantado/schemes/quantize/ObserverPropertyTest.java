package org.quantado.schemes.quantize;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.quantado.kernels.codec.ModelDtype;
import org.quantado.schemes.checkpoint.DType;
import org.quantado.schemes.checkpoint.LittleEndian;
import org.quantado.schemes.checkpoint.SafetensorsFile;
import org.quantado.schemes.checkpoint.SafetensorsLayout;
import org.quantado.schemes.checkpoint.SafetensorsWriter;
import org.quantado.schemes.checkpoint.Shape;
import org.quantado.schemes.checkpoint.Tensor;
import org.quantado.schemes.config.ConfigGroup;
import org.quantado.schemes.config.Target;

/** A narrower range is chosen only where it pays. */
class ObserverPropertyTest {
    private static final int ROWS = 5;
    private static final int COLUMNS = 256;
    /** Sums of the same squares in another order. */
    private static final double ROUNDING = 1e-9;

    @Provide
    Arbitrary<String> presets() {
        return Arbitraries.of(Preset.names());
    }

    @Property(tries = 60)
    void mseIsNeverWorseThanMinMax(@ForAll("presets") String preset, @ForAll long seed, @ForAll boolean heavyTails)
            throws IOException {
        double minMax = sqnr(preset, seed, heavyTails, Observer.MINMAX);
        double mse = sqnr(preset, seed, heavyTails, Observer.MSE);
        assertThat(mse).isGreaterThanOrEqualTo(minMax - ROUNDING);
    }

    /** One outlier in each group of 128 is worth clamping when codes have few bits. */
    @Property(tries = 5)
    void mseGainsOnOutliers(@ForAll long seed) throws IOException {
        assertThat(sqnr("W2A16", seed, true, Observer.MSE))
                .isGreaterThan(sqnr("W2A16", seed, true, Observer.MINMAX));
    }

    private static double sqnr(String preset, long seed, boolean heavyTails, Observer observer) throws IOException {
        Path file = Files.createTempFile("weight", ".safetensors");
        Files.delete(file);
        Shape shape = Shape.of(ROWS, COLUMNS);
        Random random = new Random(seed);
        try (Arena arena = Arena.ofShared()) {
            MemorySegment bytes = arena.allocate(ROWS * COLUMNS * Float.BYTES);
            for (int i = 0; i < ROWS * COLUMNS; i++) {
                double value = random.nextGaussian();
                bytes.setAtIndex(LittleEndian.FLOAT, i, (float) (heavyTails ? value * value * value : value));
            }
            try (SafetensorsWriter writer = SafetensorsWriter.create(file,
                    new SafetensorsLayout().tensor("weight", DType.F32, shape))) {
                writer.write("weight", bytes);
                writer.commit();
            }
            try (SafetensorsFile written = SafetensorsFile.open(file)) {
                return sqnr(written.tensor("weight"), preset, observer, arena);
            }
        } finally {
            Files.deleteIfExists(file);
        }
    }

    private static double sqnr(Tensor weight, String preset, Observer observer, Arena arena) {
        ConfigGroup group = Preset.named(preset).group("group_0", List.of(Target.of("Linear")));
        WeightRows rows = WeightRows.of(weight);
        return new WeightRounding(WeightScheme.of(group), ModelDtype.F32, ScaleSearch.amax(rows), observer)
                .toNearest(rows, COLUMNS).write("layer", group.name(), rows, arena).error().sqnr();
    }
}
