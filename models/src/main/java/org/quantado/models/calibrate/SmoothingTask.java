package org.quantado.models.calibrate;

import java.io.IOException;
import java.io.Serializable;
import java.lang.foreign.MemorySegment;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

import org.quantado.models.decoder.LayerRun;
import org.quantado.models.decoder.TapPoint;
import org.quantado.schemes.smooth.ChannelStatistics;

import uk.ac.manchester.tornado.api.types.arrays.FloatArray;

/** Runs the samples of a share through a layer as it is in the input, and observes channels that are to be scaled. */
record SmoothingTask(int layer, SampleBlocks.Share share) implements SiteTask<SmoothingTask.Observed> {
    /**
     * What was observed.
     *
     * @param channels of each smoothing's inputs, by its number; of one of those that share them
     * @param squares name of the file with sums of squares of inputs; empty if there are none
     * @param outputs names of the files with what modules give that are to miss least, for each block of the share
     */
    record Observed(Map<Integer, ChannelStatistics> channels, String squares, Map<String, List<String>> outputs)
            implements
                Serializable {
    }

    /** Observes a sample after another. */
    private static final class Observer implements CalibrationSite.SampleReader, AutoCloseable {
        private final Set<TapPoint> channels;
        private final Set<TapPoint> summed;
        private final ShareSquares squares;
        private final Map<TapPoint, PairwiseSum<ChannelStatistics>> statistics = new HashMap<>();
        private final Map<TapPoint, ChannelStatistics> ofBlock = new HashMap<>();
        private final Map<String, BlockStates> outputs = new HashMap<>();
        private final Map<String, Integer> rows = new HashMap<>();
        private int sample;

        Observer(List<Smoothing> smoothings, boolean isSearched, ShareSquares squares) {
            this.channels = smoothings.stream().map(Smoothing::point).collect(Collectors.toSet());
            this.summed = !isSearched
                    ? Set.of()
                    : smoothings.stream().filter(some -> some.parent().isEmpty()).map(Smoothing::point)
                            .collect(Collectors.toSet());
            this.squares = squares;
        }

        @Override
        public LayerRun.Reader begin(int number) {
            sample = number;
            rows.clear();
            return this::read;
        }

        private void read(TapPoint point, FloatArray values, int count, int width) {
            BlockStates output = outputs.get(point.name());
            if (output != null) {
                int first = rows.merge(point.name(), count, Integer::sum) - count;
                MemorySegment.copy(values.getSegment(), 0, output.of(sample), (long) first * width * Float.BYTES,
                        (long) count * width * Float.BYTES);
            }
            if (channels.contains(point)) {
                ofBlock.computeIfAbsent(point, _ -> new ChannelStatistics(width)).add(values, count);
            }
            if (summed.contains(point)) {
                squares.add(point, values, count, width);
            }
        }

        void endBlock() {
            ofBlock.forEach((point, some) -> statistics
                    .computeIfAbsent(point, _ -> new PairwiseSum<>(ChannelStatistics::add)).add(some, 1));
            ofBlock.clear();
            squares.endBlock();
            outputs.values().forEach(BlockStates::force);
            close();
        }

        @Override
        public void close() {
            outputs.values().forEach(BlockStates::close);
            outputs.clear();
        }
    }

    @Override
    public Observed workAlone(CalibrationSite site) throws IOException {
        List<Smoothing> smoothings = site.smoothings(layer);
        List<TapPoint> taps = site.taps(layer);
        boolean isSearched = site.recipe().awq().isPresent();
        Map<String, List<String>> names = new LinkedHashMap<>();
        if (isSearched) {
            smoothings.stream().flatMap(some -> some.parent().stream()).forEach(parent -> names.put(parent,
                    share.blocks().mapToObj(_ -> CalibrationSite.newName(".f32")).toList()));
        }
        Set<TapPoint> wanted = new HashSet<>(smoothings.stream().map(Smoothing::point).toList());
        taps.stream().filter(point -> names.containsKey(point.name())).forEach(wanted::add);
        try (ShareSquares squares = new ShareSquares(site.deviceSums(layer));
                Observer observer = new Observer(smoothings, isSearched, squares)) {
            for (int block = share.first(); block < share.end(); block++) {
                for (Map.Entry<String, List<String>> output : names.entrySet()) {
                    observer.outputs.put(output.getKey(), BlockStates.create(
                            site.made().resolve(output.getValue().get(block - share.first())), site.blocks(), block));
                }
                site.run(LayerVersion.asIs(layer), wanted, block, Optional.empty(), observer);
                observer.endBlock();
            }
            Map<TapPoint, ChannelStatistics> totals = new HashMap<>();
            observer.statistics.forEach((point, sum) -> totals.put(point, sum.total()));
            Map<Integer, ChannelStatistics> channels = new LinkedHashMap<>();
            for (int i = 0; i < smoothings.size(); i++) {
                channels.put(i, totals.get(smoothings.get(i).point()));
            }
            return new Observed(channels, squares.write(site.made(), taps), names);
        }
    }
}
