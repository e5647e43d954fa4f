package org.quantado.cli.run;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;

import org.quantado.cli.engine.EngineOptions;
import org.quantado.cli.engine.LayerOptions;
import org.quantado.cli.engine.ModelFolder;
import org.quantado.cli.engine.RunnableLayer;
import org.quantado.cli.engine.RunningEngine;
import org.quantado.cli.report.CommandException;
import org.quantado.cli.report.ExitCode;
import org.quantado.cli.report.Millis;
import org.quantado.cli.report.Output;
import org.quantado.schemes.checkpoint.CheckpointException;
import org.quantado.schemes.checkpoint.DType;
import org.quantado.schemes.checkpoint.SafetensorsFile;
import org.quantado.schemes.checkpoint.SafetensorsLayout;
import org.quantado.schemes.checkpoint.SafetensorsWriter;
import org.quantado.schemes.checkpoint.Shape;
import org.quantado.schemes.checkpoint.Tensor;
import org.quantado.schemes.checkpoint.TensorInfo;
import org.quantado.schemes.model.Model;

import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;

/** Runs one layer on an input from a file. */
@Command(name = "run", description = "Run one layer: reads x [M, K] from a safetensors file, writes y [M, N] in F32.", footer = {
        "", "Example:",
        "  quantado run DIR --layer model.layers.0.mlp.down_proj --input x.safetensors",
        "    --output y.safetensors", "", ExitCode.HELP})
public final class RunCommand implements Callable<Integer> {
    private static final String X = "x";
    private static final String Y = "y";
    private static final Set<DType> FLOATS = Set.of(DType.F32, DType.BF16, DType.F16, DType.F64);

    @Parameters(paramLabel = "MODEL", converter = ModelFolder.class, description = "A model: " + ModelFolder.HELP + ".")
    private Path folder;

    @Option(names = "--layer", paramLabel = "NAME", required = true, description = "A layer or block of experts as inspect lists them, or one that runs as one, such as ...qkv_proj.")
    private String layer;

    @Option(names = "--input", paramLabel = "F.safetensors", required = true, description = "File that has the input.")
    private Path input;

    @Option(names = "--input-name", paramLabel = "TENSOR", description = "Tensor of that file; otherwise x, or its only tensor of floats.")
    private String inputName;

    @Option(names = "--output", paramLabel = "G.safetensors", required = true, description = "File to be written, with one tensor y.")
    private Path target;

    @Option(names = "--force", description = "Replace the file if it exists.")
    private boolean force;

    @Mixin
    private LayerOptions layerOptions;

    @Mixin
    private EngineOptions engineOptions;

    @Mixin
    private Output output;

    @Override
    public Integer call() throws IOException {
        requireAbsent();
        try (Model model = Model.open(folder); SafetensorsFile file = SafetensorsFile.open(input)) {
            Tensor x = x(file);
            RunningEngine engine = engineOptions.start();
            long start = System.nanoTime();
            try (RunnableLayer loaded = RunnableLayer.load(model, layer, layerOptions)) {
                long inputs = loaded.inputs();
                if (x.shape().rank() != 2 || x.shape().dimension(0) < 1 || x.shape().dimension(1) != inputs) {
                    throw x.error("shape " + x.shape(), "shape [M, " + inputs + "], M at least 1");
                }
                FloatArray values = FloatArray.fromArray(x.toFloats());
                long prepared = System.nanoTime();
                FloatArray y = loaded.apply(values, file);
                long applied = System.nanoTime();
                loaded.apply(values, file);
                long again = System.nanoTime();
                Shape shape = Shape.of(x.shape().dimension(0), loaded.outputs());
                write(y, shape);
                output.print(new RunReport(layer, x.shape().toString(), shape.toString(), target.toString(),
                        engine, Millis.between(start, prepared), Millis.between(prepared, applied),
                        Millis.between(applied, again)));
            }
        }
        return ExitCode.DONE;
    }

    private void requireAbsent() {
        if (Files.exists(target) && !force) {
            throw new CommandException(ExitCode.BAD_USAGE, target + ": already exists; --force replaces it");
        }
    }

    private Tensor x(SafetensorsFile file) {
        if (inputName != null) {
            return file.tensor(inputName);
        }
        if (file.contains(X)) {
            return file.tensor(X);
        }
        List<String> floats = file.tensors().stream().filter(tensor -> FLOATS.contains(tensor.dtype()))
                .map(TensorInfo::name).toList();
        if (floats.size() != 1) {
            throw new CheckpointException(input, "tensors", floats.size() + " of floats and none called x",
                    "a tensor x, or the name of one by --input-name");
        }
        return file.tensor(floats.getFirst());
    }

    private void write(FloatArray y, Shape shape) throws IOException {
        SafetensorsLayout layout = new SafetensorsLayout().tensor(Y, DType.F32, shape);
        try (SafetensorsWriter writer = force
                ? SafetensorsWriter.createOrReplace(target, layout)
                : SafetensorsWriter.create(target, layout)) {
            writer.write(Y, y.getSegment());
            writer.commit();
        }
    }
}
