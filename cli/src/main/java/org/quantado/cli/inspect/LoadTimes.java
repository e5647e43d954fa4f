package org.quantado.cli.inspect;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Supplier;

import org.quantado.cli.engine.RunnableLayer;
import org.quantado.cli.engine.RunningEngine;
import org.quantado.cli.report.Progress;
import org.quantado.cli.report.Table;
import org.quantado.moe.MoeParallel;
import org.quantado.moe.model.MoeLayer;
import org.quantado.moe.model.MoeLayers;
import org.quantado.schemes.checkpoint.ByteSize;
import org.quantado.schemes.checkpoint.CheckpointException;
import org.quantado.schemes.checkpoint.SafetensorsFile;
import org.quantado.schemes.checkpoint.TensorInfo;
import org.quantado.schemes.linear.Activations;
import org.quantado.schemes.linear.SchemeException;
import org.quantado.schemes.model.Model;
import org.quantado.schemes.model.ModelLayer;
import org.quantado.schemes.select.Selection.Selected;

/**
 * How fast the layers of a checkpoint are loaded: every quantized linear layer and every block of experts, from the mapped
 * file to weights in the layout of the kernels, ready for the device, one after another; each is let go before the next,
 * so that a checkpoint may be larger than memory.
 *
 * @param engine for which weights are packed
 * @param layers that were loaded
 * @param bytes of their tensors in the checkpoint
 * @param packedBytes of their weights in the layout of the kernels
 * @param seconds that all took together
 * @param bytesPerSecond of the checkpoint's
 * @param pageCacheBytesPerSecond at which all processors read the checkpoint's files where they are in the page cache
 * @param ratio of the two rates
 * @param medianRatio of the median layer's rate to that of the page cache: without what the first layers wait for, which is
 *     the compilation of the code that loads them
 * @param largestTensorBytes of the checkpoint
 * @param peakBytes the most memory that a layer took while it was loaded
 * @param peakRatio the largest of the layers', of the memory taken beyond the checkpoint's largest tensor to the packed
 *     bytes; absent where no layer is large enough for it to mean anything
 */
record LoadTimes(RunningEngine engine, List<LoadedLayer> layers, long bytes, long packedBytes, double seconds,
        double bytesPerSecond, double pageCacheBytesPerSecond, double ratio, double medianRatio,
        long largestTensorBytes, long peakBytes,
        Double peakRatio) {
    private static final double NANOS = 1e9;

    /** A layer that is going to be loaded. */
    private record Candidate(String name, String method, long bytes, Supplier<RunnableLayer> load) {
        static Candidate of(ModelLayer layer) {
            return new Candidate(layer.name(), layer.schemeName(Optional.empty()), layer.bytes(),
                    () -> new RunnableLayer.Linear(layer.load(Activations.OFF)));
        }

        static Candidate of(MoeLayer block) {
            return new Candidate(block.name(), block.method(Optional.empty()).name(), block.bytes(),
                    () -> new RunnableLayer.Block(block.load(MoeParallel.WHOLE, Activations.OFF, Optional.empty())));
        }
    }

    /**
     * Loads all layers that can be run.
     *
     * @param problems of layers that turn out not to be are added
     * @throws IOException if the files cannot be read
     */
    static LoadTimes of(Path path, RunningEngine engine, List<String> problems) throws IOException {
        List<Path> files;
        try (Model model = Model.open(path)) {
            files = model.checkpoint().files().stream().map(SafetensorsFile::path).toList();
        }
        double pageCache = PageCacheRead.bytesPerSecond(files);
        try (Model model = Model.open(path)) {
            List<LoadedLayer> loaded = new ArrayList<>();
            List<Candidate> candidates = candidates(model);
            try (Progress progress = Progress.startBytes("Loading",
                    candidates.stream().mapToLong(Candidate::bytes).sum())) {
                for (Candidate candidate : candidates) {
                    try {
                        loaded.add(load(candidate));
                    } catch (CheckpointException | SchemeException e) {
                        problems.add(e.getMessage());
                    }
                    progress.step(candidate.bytes);
                }
            }
            long largest = model.checkpoint().infos().values().stream().mapToLong(TensorInfo::byteSize).max().orElse(0);
            return of(engine, loaded, pageCache, largest);
        }
    }

    /** Blocks, and quantized layers outside of them. */
    private static List<Candidate> candidates(Model model) {
        List<MoeLayer> blocks = MoeLayers.of(model);
        List<Candidate> candidates = new ArrayList<>();
        model.layers().stream().filter(layer -> layer.selection() instanceof Selected)
                .filter(layer -> blocks.stream().noneMatch(block -> layer.name().startsWith(block.name() + ".")))
                .map(Candidate::of).forEach(candidates::add);
        blocks.stream().map(Candidate::of).forEach(candidates::add);
        return candidates;
    }

    private static LoadedLayer load(Candidate candidate) {
        try (MemoryWatch memory = new MemoryWatch()) {
            long start = System.nanoTime();
            try (RunnableLayer layer = candidate.load.get()) {
                double seconds = (System.nanoTime() - start) / NANOS;
                long peak = memory.peak();
                return new LoadedLayer(candidate.name, candidate.method, candidate.bytes, layer.weightBytes(), seconds,
                        candidate.bytes / seconds, peak,
                        LoadedLayer.ofSize(layer.weightBytes(), peak / (double) layer.weightBytes()));
            }
        }
    }

    private static LoadTimes of(RunningEngine engine, List<LoadedLayer> layers, double pageCache, long largest) {
        long bytes = layers.stream().mapToLong(LoadedLayer::bytes).sum();
        double seconds = layers.stream().mapToDouble(LoadedLayer::seconds).sum();
        double rate = layers.isEmpty() ? 0 : bytes / seconds;
        return new LoadTimes(engine, layers, bytes, layers.stream().mapToLong(LoadedLayer::packedBytes).sum(), seconds,
                rate, pageCache, rate / pageCache, medianRate(layers) / pageCache, largest,
                layers.stream().mapToLong(LoadedLayer::peakBytes).max().orElse(0),
                layers.stream().filter(layer -> layer.peakRatio() != null)
                        .map(layer -> Math.max(0, layer.peakBytes() - largest) / (double) layer.packedBytes())
                        .max(Double::compare).orElse(null));
    }

    private static double medianRate(List<LoadedLayer> layers) {
        double[] rates = layers.stream().mapToDouble(LoadedLayer::bytesPerSecond).sorted().toArray();
        return rates.length == 0 ? 0 : (rates[(rates.length - 1) / 2] + rates[rates.length / 2]) / 2;
    }

    void print(PrintWriter out, boolean all) {
        out.println();
        Table table = new Table("loaded", "layers", "size", "packed", "ms", "GB/s", "peak", "of packed");
        for (Alike<LoadedLayer> alike : all
                ? layers.stream().map(layer -> new Alike<>(layer.name(), List.of(layer))).toList()
                : Alike.of(layers, LoadedLayer::name, LoadedLayer::bytes)) {
            long size = alike.rows().stream().mapToLong(LoadedLayer::bytes).sum();
            double took = alike.rows().stream().mapToDouble(LoadedLayer::seconds).sum();
            Optional<Double> ratio = alike.rows().stream().map(LoadedLayer::peakRatio).filter(Objects::nonNull)
                    .max(Double::compare);
            table.row(alike.name(), alike.rows().size(), ByteSize.text(size),
                    ByteSize.text(alike.rows().stream().mapToLong(LoadedLayer::packedBytes).sum()),
                    format("%.1f", took * 1e3), ratio.map(found -> format("%.2f", size / took * 1e-9)).orElse(""),
                    ratio.map(found -> ByteSize.text(
                            alike.rows().stream().mapToLong(LoadedLayer::peakBytes).max().orElse(0))).orElse(""),
                    ratio.map(found -> format("%.2f", found)).orElse(""));
        }
        table.print(out);
        out.println();
        out.println("For " + engine);
        out.println(ByteSize.text(bytes) + " to " + ByteSize.text(packedBytes) + " packed in "
                + format("%.3f s", seconds)
                + (peakRatio == null
                        ? "; too little to say more"
                        : format(", %.2f GB/s", bytesPerSecond * 1e-9) + format(": %.2f (the median layer ", ratio)
                                + format("%.2f) of the ", medianRatio)
                                + format("%.2f GB/s at which all processors read these files from the page cache",
                                        pageCacheBytesPerSecond * 1e-9)));
        if (peakRatio != null) {
            out.println("At most " + ByteSize.text(peakBytes) + " of memory for a layer, heap included; beyond the"
                    + " largest tensor of " + ByteSize.text(largestTensorBytes)
                    + format(", %.2f of the packed", peakRatio));
        }
    }

    private static String format(String format, double value) {
        return String.format(Locale.ROOT, format, value);
    }
}
