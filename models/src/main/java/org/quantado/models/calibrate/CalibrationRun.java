package org.quantado.models.calibrate;

import java.io.IOException;
import java.io.Serializable;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

import org.quantado.models.decoder.TapPoint;
import org.quantado.schemes.checkpoint.Tensor;
import org.quantado.schemes.cluster.Place;
import org.quantado.schemes.quantize.CalibrationWork;
import org.quantado.schemes.quantize.PlannedLayer;
import org.quantado.schemes.quantize.TensorBytes;

/**
 * Quantizes the decoder layers one after another, with the processes that do the work: they run samples, each its share,
 * and round weights, each some.
 * <p>
 * A process writes under names that nobody else uses, and what it wrote counts once this one has heard of it. So neither
 * processes that die nor those that do the same again change anything. Layers that are finished are kept, and the states of
 * samples before the next one.
 */
final class CalibrationRun {
    /**
     * Rows of the weights that a task rounds, at least, for each of their columns, where a Hessian counts: to factor it takes
     * about as long as to round as many rows as there are columns.
     */
    private static final int ROWS_PER_COLUMN = 2;

    private final CalibrationWork work;
    private final CalibrationSite site;
    private final Place<CalibrationSite> place;
    private final List<int[]> samples;
    private final CalibrationProgress progress;
    private final List<SampleBlocks.Share> shares;
    private final SampleStates states;

    /**
     * @param site what this process has of the model
     * @param place makes the same in those that work
     */
    CalibrationRun(CalibrationWork work, CalibrationSite site, Place<CalibrationSite> place, List<int[]> samples,
            CalibrationProgress progress) {
        this.work = work;
        this.site = site;
        this.place = place;
        this.samples = samples;
        this.progress = progress;
        this.shares = site.blocks().shares(work.cluster().slots());
        this.states = new SampleStates(work.cluster(), place, site.blocks(), work.finished().folder(), site.made());
    }

    /** Quantizes all layers that are not finished. */
    void run() throws IOException {
        int first = work.finished().count();
        clean();
        goOn(first);
        for (int layer = first; layer < site.layers().count(); layer++) {
            progress.begin(layer, site.layers().count(), runsFrom(layer) * samples.size());
            quantize(layer);
            clean();
            if (layer + 1 < site.layers().count()) {
                advance(layer);
            }
        }
    }

    /** How often samples run through a layer, of all layers from one on. */
    private long runsFrom(int first) {
        long runs = site.layers().count() - 1L - first;
        for (int layer = first; layer < site.layers().count(); layer++) {
            runs += SmoothingSearch.runs(site.recipe(), site.smoothings(layer))
                    + (site.observation(layer).wanted().isEmpty() ? 0 : 1);
        }
        return runs;
    }

    /** Makes the folder for what is of use for one layer only, with nothing in it. */
    private void clean() throws IOException {
        Files.createDirectories(site.made());
        try (Stream<Path> files = Files.list(site.made())) {
            for (Path file : files.toList()) {
                Files.deleteIfExists(file);
            }
        }
    }

    /** Brings the states of all samples before the next layer, from wherever an earlier attempt has left them. */
    private void goOn(int next) throws IOException {
        int layer = Math.min(next, site.layers().count() - 1);
        while (layer > 0 && !states.areBefore(layer)) {
            layer--;
        }
        if (layer == 0) {
            states.make(0, "Embedding " + samples.size() + " samples", block -> new EmbedTask(block,
                    site.blocks().samples(block).mapToObj(samples::get).collect(ArrayList::new, ArrayList::add,
                            ArrayList::addAll)),
                    _ -> {
                    });
        }
        for (; layer < next && layer + 1 < site.layers().count(); layer++) {
            advance(layer);
        }
    }

    /** Runs the samples through a quantized layer. */
    private void advance(int layer) throws IOException {
        states.make(layer + 1, "Running layer " + (layer + 1) + ", quantized", block -> new AdvanceTask(layer, block),
                result -> {
                    int count = Math.toIntExact(site.blocks().samples(result.value()).count());
                    work.samples().add(result, count);
                    progress.samples(count);
                });
    }

    private void quantize(int layer) throws IOException {
        LayerVersion version = new SmoothingSearch(this, site, shares, layer).search();
        LayerObservation observation = site.observation(layer);
        List<ObserveTask.Observed> observed = observation.wanted().isEmpty()
                ? List.of()
                : samples("Observing layer " + (layer + 1),
                        shares.stream().map(share -> new ObserveTask(version, share)).toList(), shares);
        SquareFiles squares = observation.summed().isEmpty()
                ? new SquareFiles(List.of(), List.of())
                : new SquareFiles(observed.stream().map(ObserveTask.Observed::squares).toList(), shares);
        List<QuantizeTask> tasks = tasks(version, observation, squares);
        List<QuantizeTask.Piece> pieces = quantize(layer, tasks);
        pieces.stream().flatMap(piece -> piece.warnings().stream()).forEach(work::warn);
        Map<String, TensorBytes> made = changed(version);
        made.putAll(LayerScales.of(observation, observed.stream().flatMap(share -> share.ranges().stream()).toList())
                .tensors(site.layers().attention(layer)));
        work.finished().add(made, pieces.stream().map(piece -> site.made().resolve(piece.file())).toList());
    }

    private List<QuantizeTask> tasks(LayerVersion version, LayerObservation observation, SquareFiles squares) {
        List<QuantizeTask> tasks = new ArrayList<>();
        for (TapPoint point : observation.taps()) {
            if (point.kind() == TapPoint.Kind.INPUT) {
                List<String> names = new ArrayList<>();
                int rows = 0;
                for (PlannedLayer layer : observation.planned(point)) {
                    names.add(layer.name());
                    rows += layer.rows();
                    if (rows >= ROWS_PER_COLUMN * layer.columns()) {
                        tasks.add(new QuantizeTask(version, observation.taps().indexOf(point), names, squares));
                        names.clear();
                        rows = 0;
                    }
                }
                if (!names.isEmpty()) {
                    tasks.add(new QuantizeTask(version, observation.taps().indexOf(point), names, squares));
                }
            }
        }
        return tasks;
    }

    private List<QuantizeTask.Piece> quantize(int layer, List<QuantizeTask> tasks) throws IOException {
        List<QuantizeTask.Piece> pieces = new ArrayList<>(Collections.nCopies(tasks.size(), null));
        work.cluster().run("Quantizing layer " + (layer + 1), place, tasks, result -> {
            pieces.set(result.task(), result.value());
            work.weights().add(result, tasks.get(result.task()).names().stream()
                    .mapToLong(name -> work.input().weightBytes(name)).sum());
        });
        return pieces;
    }

    /** Tensors that smoothing has changed and that are not quantized. */
    private Map<String, TensorBytes> changed(LayerVersion version) {
        Map<String, TensorBytes> made = new LinkedHashMap<>();
        for (Map.Entry<String, Tensor> changed : site.tensors(version).changed().entrySet()) {
            String name = changed.getKey();
            String module = name.substring(0, Math.max(0, name.lastIndexOf('.')));
            boolean isQuantized = work.input().layers().containsKey(module)
                    && name.equals(PlannedLayer.weightOf(module));
            if (!isQuantized) {
                Tensor tensor = changed.getValue();
                made.put(name, new TensorBytes(tensor.dtype(), tensor.shape(), tensor.data()));
            }
        }
        return made;
    }

    /**
     * Has samples run.
     *
     * @param name what the tasks are, for whoever watches
     * @param ofTasks share of the samples that each of them runs
     * @return what comes of them, in their order
     */
    <R extends Serializable> List<R> samples(String name, List<? extends SiteTask<R>> tasks,
            List<SampleBlocks.Share> ofTasks) throws IOException {
        return run(name, tasks, ofTasks.stream().mapToInt(site.blocks()::samples).toArray());
    }

    /** Has tasks done that run no samples. */
    <R extends Serializable> List<R> all(String name, List<? extends SiteTask<R>> tasks) throws IOException {
        return run(name, tasks, new int[tasks.size()]);
    }

    private <R extends Serializable> List<R> run(String name, List<? extends SiteTask<R>> tasks, int... runs)
            throws IOException {
        List<R> values = new ArrayList<>(Collections.nCopies(tasks.size(), null));
        work.cluster().run(name, place, tasks, result -> {
            values.set(result.task(), result.value());
            work.samples().add(result, runs[result.task()]);
            progress.samples(runs[result.task()]);
        });
        return values;
    }
}
