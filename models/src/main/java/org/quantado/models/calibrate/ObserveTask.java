package org.quantado.models.calibrate;

import java.io.IOException;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

import org.quantado.models.calibrate.LayerObservation.Ranged;
import org.quantado.models.decoder.LayerRun;
import org.quantado.models.decoder.TapPoint;

import uk.ac.manchester.tornado.api.types.arrays.FloatArray;

/** Runs the samples of a share through a layer as it is to be quantized, and observes it. */
record ObserveTask(LayerVersion version, SampleBlocks.Share share) implements SiteTask<ObserveTask.Observed> {
    /**
     * What was observed.
     *
     * @param squares name of the file with sums of squares of inputs; empty if there are none
     * @param ranges of each sample, those of {@link LayerObservation#ranged} in their order
     */
    record Observed(String squares, List<List<Range>> ranges) implements Serializable {
    }

    /** Observes a sample after another. */
    private static final class Observer implements CalibrationSite.SampleReader {
        private final Set<TapPoint> summed;
        private final ShareSquares squares;
        private final Map<Ranged, SampleRange> ranges = new LinkedHashMap<>();
        private final Map<TapPoint, List<Ranged>> ranged;
        private final List<List<Range>> ofSamples = new ArrayList<>();

        Observer(LayerObservation observation, ShareSquares squares) {
            this.summed = observation.summed();
            this.squares = squares;
            observation.ranged().forEach(some -> ranges.put(some, some.sampleRange()));
            this.ranged = ranges.keySet().stream().collect(Collectors.groupingBy(Ranged::point));
        }

        @Override
        public LayerRun.Reader begin(int sample) {
            return this::read;
        }

        private void read(TapPoint point, FloatArray values, int count, int width) {
            if (summed.contains(point)) {
                squares.add(point, values, count, width);
            }
            for (Ranged some : ranged.getOrDefault(point, List.of())) {
                ranges.get(some).add(values, count, width, some.first(),
                        some.columns().orElse(width - some.first()));
            }
        }

        @Override
        public void end() {
            ofSamples.add(new ArrayList<>(ranges.values().stream().map(SampleRange::end).toList()));
        }
    }

    @Override
    public Observed workAlone(CalibrationSite site) throws IOException {
        LayerObservation observation = site.observation(version.layer());
        Set<TapPoint> wanted = observation.wanted();
        try (ShareSquares squares = new ShareSquares(site.deviceSums(version.layer()))) {
            Observer observer = new Observer(observation, squares);
            for (int block = share.first(); block < share.end(); block++) {
                site.run(version, wanted, block, Optional.empty(), observer);
                squares.endBlock();
            }
            return new Observed(squares.write(site.made(), observation.taps()), observer.ofSamples);
        }
    }
}
