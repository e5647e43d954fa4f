package org.quantado.cli.inspect;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.stream.Collectors;

import org.quantado.cli.engine.RunningEngine;
import org.quantado.cli.report.Progress;
import org.quantado.cli.report.Table;
import org.quantado.schemes.checkpoint.ByteSize;
import org.quantado.schemes.checkpoint.Checkpoint;
import org.quantado.schemes.checkpoint.CheckpointException;
import org.quantado.schemes.checkpoint.Escaped;
import org.quantado.schemes.checkpoint.JsonFile;
import org.quantado.schemes.checkpoint.TensorInfo;
import org.quantado.schemes.config.CompressionFormat;
import org.quantado.schemes.config.QuantizationConfig;
import org.quantado.schemes.linear.SchemeException;
import org.quantado.schemes.model.Model;
import org.quantado.schemes.model.ModelLayer;
import org.quantado.schemes.select.FusedModules;
import org.quantado.schemes.select.LayerClass;
import org.quantado.schemes.select.Selection;

import com.fasterxml.jackson.annotation.JsonProperty;

/**
 * What is in a checkpoint, and what is wrong with it.
 *
 * @param path folder or file
 * @param dialect in which the config says how it is quantized: its quant_method
 * @param format in which the config says that weights are stored
 * @param kvCache how the config says that keys and values are quantized
 * @param layers all of them, where there is a config
 * @param fusedLayers layers that run as one although the checkpoint has their parts
 * @param blocks of experts
 * @param tensors all of them where there is no config, else those that belong to no layer
 * @param unlistedTensors those that lie in a shard although the index does not say so
 * @param bytes of all tensors
 * @param text whether it is a model that gives text; absent where the config does not say what type of model it is
 * @param loading how fast layers are loaded; absent unless asked for
 * @param problems one line each
 */
record Inspection(String path, String dialect, String format, String kvCache, List<LayerRow> layers,
        List<LayerRow> fusedLayers,
        List<BlockRow> blocks, List<TensorRow> tensors, List<String> unlistedTensors, long bytes,
        TextModelRow text, LoadTimes loading, List<String> problems) {
    private static final String MODEL_TYPE = "model_type";

    /** A tensor as its file describes it. */
    record TensorRow(String name, String dtype, String shape, long bytes) {
        static TensorRow of(TensorInfo info) {
            return new TensorRow(info.name(), info.dtype().name(), info.shape().toString(), info.byteSize());
        }
    }

    /**
     * Inspects a folder or a file; what is wrong with it is among the problems.
     *
     * @param context tokens that a model is to have room for
     */
    static Inspection of(Path path, OptionalInt context) {
        try (Model model = Model.open(path)) {
            return of(path, model, context);
        } catch (CheckpointException | SchemeException e) {
            return new Inspection(path.toString(), null, null, null, List.of(), List.of(), List.of(), List.of(),
                    List.of(), 0,
                    null, null, List.of(e.getMessage()));
        }
    }

    /**
     * The same, with how fast its layers are loaded if nothing is wrong with them.
     *
     * @throws IOException if the files cannot be read
     */
    Inspection timed(RunningEngine engine) throws IOException {
        if (!problems.isEmpty()) {
            return this;
        }
        List<String> found = new ArrayList<>();
        LoadTimes times = LoadTimes.of(Path.of(path), engine, found);
        return new Inspection(path, dialect, format, kvCache, layers, fusedLayers, blocks, tensors, unlistedTensors,
                bytes,
                text, times, found);
    }

    private static Inspection of(Path path, Model model, OptionalInt context) {
        Checkpoint checkpoint = model.checkpoint();
        Optional<QuantizationConfig> quantization = model.config().quantization();
        List<ModelLayer> layers = checkpoint.configFile().isPresent() ? model.layers() : List.of();
        List<String> problems = new ArrayList<>();
        List<LayerRow> rows = new ArrayList<>();
        Map<String, TensorInfo> rest = checkpoint.infos();
        try (Progress progress = Progress.startBytes("Checking", layers.stream().mapToLong(ModelLayer::bytes).sum())) {
            for (ModelLayer layer : layers) {
                LayerRow row = LayerRow.checked(layer);
                rows.add(row);
                Optional.ofNullable(row.problem()).ifPresent(problems::add);
                layer.modules().forEach(module -> module.tensors().values()
                        .forEach(tensor -> rest.remove(tensor.name())));
                progress.step(layer.bytes());
            }
        }
        List<LayerRow> fused = fused(model, layers);
        fused.stream().map(LayerRow::problem).filter(Objects::nonNull).filter(problem -> !problems.contains(problem))
                .forEach(problems::add);
        List<BlockRow> blocks = layers.isEmpty() ? List.of() : BlockRow.of(model, problems);
        return new Inspection(path.toString(), model.config().quantMethod().orElse(null),
                quantization.flatMap(QuantizationConfig::format).map(CompressionFormat::jsonName).orElse(null),
                quantization.flatMap(QuantizationConfig::kvCacheScheme).map(LayerRow::describe).orElse(null),
                rows, fused, blocks, rest.values().stream().map(TensorRow::of).toList(),
                checkpoint.unlistedNames(), checkpoint.infos().values().stream()
                        .mapToLong(TensorInfo::byteSize).sum(),
                saysWhatTypeItIs(model) ? TextModelRow.of(path, model, context) : null, null, problems);
    }

    private static boolean saysWhatTypeItIs(Model model) {
        return model.checkpoint().configFile().map(JsonFile::readObject).filter(config -> config.has(MODEL_TYPE))
                .isPresent();
    }

    /** Linear layers of which all parts are there, unless none of them is quantized. */
    private static List<LayerRow> fused(Model model, List<ModelLayer> layers) {
        Set<String> linear = layers.stream().filter(layer -> layer.layerClass() == LayerClass.LINEAR)
                .map(ModelLayer::name).collect(Collectors.toCollection(LinkedHashSet::new));
        List<LayerRow> rows = new ArrayList<>();
        FusedModules.LLAMA.parts().forEach((whole, parts) -> {
            String ending = "." + parts.getFirst();
            linear.stream().filter(name -> name.endsWith(ending))
                    .map(name -> name.substring(0, name.length() - ending.length()) + "." + whole)
                    .filter(name -> FusedModules.LLAMA.partsOf(name).filter(linear::containsAll).isPresent())
                    .map(model::layer).filter(layer -> !(layer.selection() instanceof Selection.Unquantized))
                    .map(LayerRow::checked).forEach(rows::add);
        });
        return rows;
    }

    /** What runs how much of it. */
    @JsonProperty
    List<SchemeSummary> summary() {
        return SchemeSummary.of(layers);
    }

    void print(PrintWriter out, boolean all) {
        out.println(Escaped.text(path) + (dialect == null ? "" : ", dialect " + dialect)
                + (format == null ? "" : ", format " + format));
        SchemeSummary.print(out, summary());
        printLayers(out, "layer", layers, all);
        printLayers(out, "runs as one", fusedLayers, all);
        BlockRow.print(out, blocks, all);
        if (!tensors.isEmpty()) {
            out.println();
            Table table = new Table(layers.isEmpty() ? "tensor" : "tensor of no layer", "dtype", "shape", "size");
            tensors.forEach(tensor -> table.row(tensor.name, tensor.dtype, tensor.shape,
                    ByteSize.text(tensor.bytes)));
            table.print(out);
        }
        out.println();
        if (kvCache != null) {
            out.println("Keys and values: " + kvCache);
        }
        unlistedTensors.forEach(name -> out.println("Not in the index, left alone: " + Escaped.text(name)));
        if (bytes > 0 || problems.isEmpty()) {
            printCounts(out);
        }
        if (text != null) {
            text.print(out);
        }
        if (loading != null) {
            loading.print(out, all);
        }
        problems.forEach(problem -> out.println("Problem: " + problem));
    }

    private void printCounts(PrintWriter out) {
        long quantized = layers.stream().filter(LayerRow::isQuantized).count();
        out.println(layers.isEmpty()
                ? tensors.size() + " tensors; " + ByteSize.text(bytes)
                : layers.size() + " layers, " + quantized + " of them quantized; "
                        + ByteSize.text(bytes));
    }

    private static void printLayers(PrintWriter out, String heading, List<LayerRow> rows, boolean all) {
        if (rows.isEmpty()) {
            return;
        }
        out.println();
        Table table = new Table(heading, "layers", "kind", "shape", "each", "bits/weight", "runs as");
        for (Alike<LayerRow> alike : all
                ? rows.stream().map(row -> new Alike<>(row.name(), List.of(row))).toList()
                : Alike.of(rows, LayerRow::name, LayerRow::rest)) {
            LayerRow row = alike.first();
            table.row(alike.name(), alike.rows().size(), row.kind(), row.shape(), ByteSize.text(row.bytes()),
                    String.format(Locale.ROOT, "%.2f", row.bitsPerWeight()), alike.rows().size() == 1
                            ? row.explanation()
                            : Alike.anyNumber(row.explanation()));
        }
        table.print(out);
    }
}
