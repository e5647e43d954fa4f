package org.quantado.models.calibrate;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

import org.quantado.models.decoder.LayerRun;
import org.quantado.models.decoder.TapPoint;

import uk.ac.manchester.tornado.api.types.arrays.FloatArray;

/**
 * Runs the samples of a share through a layer whose weights are quantized under scales that are tried, and gives the sum of
 * the squares of what a module's outputs miss, for each block.
 *
 * @param version with scales that are tried
 * @param outputs names of the files with what the module gives in the input, for each block
 */
record TrialTask(LayerVersion version, SampleBlocks.Share share, List<String> outputs) implements SiteTask<double[]> {
    /** Adds up what a block misses. */
    private static final class Observer implements CalibrationSite.SampleReader {
        private final BlockStates expected;
        private int sample;
        private long row;
        private double sum;

        Observer(BlockStates expected) {
            this.expected = expected;
        }

        @Override
        public LayerRun.Reader begin(int number) {
            sample = number;
            row = 0;
            return this::read;
        }

        private void read(TapPoint point, FloatArray values, int count, int width) {
            FloatArray some = new FloatArray(count * width);
            MemorySegment.copy(expected.of(sample), row * width * Float.BYTES, some.getSegment(), 0,
                    (long) count * width * Float.BYTES);
            row += count;
            for (int i = 0; i < count * width; i++) {
                double difference = values.get(i) - some.get(i);
                sum += difference * difference;
            }
        }
    }

    @Override
    public double[] workAlone(CalibrationSite site) throws IOException {
        String parent = site.smoothings(version.layer()).get(version.scales().size()).parent().orElseThrow();
        Set<TapPoint> wanted = site.taps(version.layer()).stream().filter(point -> point.name().equals(parent))
                .collect(Collectors.toSet());
        double[] sums = new double[share.end() - share.first()];
        for (int i = 0; i < sums.length; i++) {
            int block = share.first() + i;
            try (BlockStates expected = BlockStates.open(site.made().resolve(outputs.get(i)), site.blocks(), block)) {
                Observer observer = new Observer(expected);
                site.run(version, wanted, block, Optional.empty(), observer);
                sums[i] = observer.sum;
            }
        }
        return sums;
    }
}
