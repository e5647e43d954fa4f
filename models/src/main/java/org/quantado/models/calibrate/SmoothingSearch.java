package org.quantado.models.calibrate;

import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

import org.quantado.models.calibrate.SampleBlocks.Share;
import org.quantado.schemes.smooth.Awq;
import org.quantado.schemes.smooth.BalancedLayer;
import org.quantado.schemes.smooth.ChannelStatistics;

/**
 * Finds what the channels of a decoder layer are scaled by, by SmoothQuant or AWQ. What the layer computes stays the same.
 *
 * @param site what this process has of the model
 * @param shares of the samples
 * @param layer its number
 */
record SmoothingSearch(CalibrationRun run, CalibrationSite site, List<Share> shares, int layer) {
    /** How often all samples run through a layer for it. */
    static long runs(Recipe recipe, List<Smoothing> smoothings) {
        long searched = smoothings.stream().filter(smoothing -> smoothing.parent().isPresent()).count();
        return smoothings.isEmpty() ? 0 : 1 + searched * recipe.awq().map(Awq::proposals).orElse(0);
    }

    /** The layer with its channels scaled. */
    LayerVersion search() throws IOException {
        List<Smoothing> smoothings = site.smoothings(layer);
        LayerVersion version = LayerVersion.asIs(layer);
        if (smoothings.isEmpty()) {
            return version;
        }
        SmoothingTask.Observed[] observed = run.samples("Observing channels",
                shares.stream().map(share -> new SmoothingTask(layer, share)).toList(), shares)
                .toArray(SmoothingTask.Observed[]::new);
        Map<Integer, ChannelStatistics> channels = channels(smoothings.size(), observed);
        Optional<Awq> awq = site.recipe().awq();
        Map<Integer, Scales> ofLinears = awq.isPresent() ? searchLinears(smoothings, channels, observed) : Map.of();
        for (int i = 0; i < smoothings.size(); i++) {
            Scales found = ofLinears.get(i);
            if (found == null) {
                found = awq.isPresent()
                        ? searchByRunning(awq.get(), version, smoothings.get(i), channels.get(i), observed)
                        : new Scales(site.recipe().smoothQuant().orElseThrow()
                                .scales(site.tensors(version).readers(smoothings.get(i)), channels.get(i).ranges()));
            }
            version = version.smoothed(found);
        }
        return version;
    }

    private Map<Integer, ChannelStatistics> channels(int count, SmoothingTask.Observed... observed) {
        Map<Integer, ChannelStatistics> channels = new LinkedHashMap<>();
        for (int i = 0; i < count; i++) {
            PairwiseSum<ChannelStatistics> sum = new PairwiseSum<>(
                    (earlier, later) -> earlier.copy().add(later));
            for (int share = 0; share < observed.length; share++) {
                sum.add(observed[share].channels().get(i), shares.get(share).width());
            }
            channels.put(i, sum.total());
        }
        return channels;
    }

    /** Those that only one linear layer reads, which do not depend on each other. */
    private Map<Integer, Scales> searchLinears(List<Smoothing> smoothings, Map<Integer, ChannelStatistics> channels,
            SmoothingTask.Observed... observed) throws IOException {
        SquareFiles squares = new SquareFiles(List.of(observed).stream().map(SmoothingTask.Observed::squares).toList(),
                shares);
        List<LinearSearchTask> tasks = new ArrayList<>();
        for (int i = 0; i < smoothings.size(); i++) {
            if (smoothings.get(i).parent().isEmpty()) {
                tasks.add(new LinearSearchTask(layer, i, squares, channels.get(i).meanMagnitudes()));
            }
        }
        List<Scales> scales = run.all("Searching scales", tasks);
        Map<Integer, Scales> found = new LinkedHashMap<>();
        for (int task = 0; task < tasks.size(); task++) {
            found.put(tasks.get(task).smoothing(), scales.get(task));
        }
        return found;
    }

    private Scales searchByRunning(Awq awq, LayerVersion version, Smoothing smoothing, ChannelStatistics channels,
            SmoothingTask.Observed... observed) throws IOException {
        List<BalancedLayer> layers = site.tensors(version).balanced(smoothing);
        List<float[]> proposed = awq.proposed(layers, channels.meanMagnitudes());
        List<TrialTask> tasks = new ArrayList<>();
        List<Share> tried = new ArrayList<>();
        for (float[] scales : proposed) {
            LayerVersion trying = version.trying(new Scales(scales));
            for (int share = 0; share < shares.size(); share++) {
                tasks.add(new TrialTask(trying, shares.get(share),
                        observed[share].outputs().get(smoothing.parent().orElseThrow())));
                tried.add(shares.get(share));
            }
        }
        List<double[]> missed = run.samples("Searching scales", tasks, tried);
        double[] errors = new double[proposed.size()];
        for (int task = 0; task < missed.size(); task++) {
            for (double block : missed.get(task)) {
                errors[task / shares.size()] += block;
            }
        }
        double elements = (double) site.blocks().tokens() * site.blocks().hidden();
        for (int proposal = 0; proposal < errors.length; proposal++) {
            errors[proposal] /= elements;
        }
        return new Scales(awq.choose(layers, proposed, errors).scales());
    }
}
