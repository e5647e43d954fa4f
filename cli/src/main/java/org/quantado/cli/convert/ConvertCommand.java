package org.quantado.cli.convert;

import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.Callable;

import org.quantado.cli.engine.ModelFolder;
import org.quantado.cli.report.ExitCode;
import org.quantado.cli.report.Millis;
import org.quantado.cli.report.Output;
import org.quantado.cli.report.Progress;
import org.quantado.schemes.quantize.CheckpointConverter;
import org.quantado.schemes.quantize.ConversionResult;
import org.quantado.schemes.quantize.QuantizationProgress;

import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** Writes a checkpoint of another dialect as compressed-tensors would have. */
@Command(name = "convert", description = "Write a quantized checkpoint of another dialect (fp8, gptq, awq, modelopt, mxfp4, auto-round) in the compressed-tensors format: the same codes and scales under other names. What the format cannot hold is refused. The output appears complete or not at all.", footer = {
        "", "Example:", "  quantado convert Qwen3-8B-AWQ Qwen3-8B-W4A16", "", ExitCode.HELP})
public final class ConvertCommand implements Callable<Integer> {
    @Parameters(index = "0", paramLabel = "IN", converter = ModelFolder.class, description = "A quantized checkpoint: "
            + ModelFolder.HELP + ".")
    private Path in;

    @Parameters(index = "1", paramLabel = "OUT", description = "Folder to be written, which does not exist.")
    private Path out;

    @Mixin
    private Output output;

    @Override
    public Integer call() throws IOException {
        long start = System.nanoTime();
        ConversionResult result;
        try (ByteProgress progress = new ByteProgress()) {
            result = CheckpointConverter.convert(in, out, progress);
        }
        output.print(ConvertReport.of(in, result, Millis.between(start, System.nanoTime()) / 1000));
        return ExitCode.DONE;
    }

    /** The bar that belongs to a conversion. */
    private final class ByteProgress implements QuantizationProgress, AutoCloseable {
        private Progress bar = Progress.start("Converting", 0);

        @Override
        public void warn(String sentence) {
            output.warn(sentence);
        }

        @Override
        public void begin(long bytes) {
            bar.close();
            bar = Progress.startBytes("Converting", bytes);
        }

        @Override
        public void advance(String tensor, long bytes) {
            bar.step(bytes);
        }

        @Override
        public void close() {
            bar.close();
        }
    }
}
