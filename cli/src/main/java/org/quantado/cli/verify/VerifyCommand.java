package org.quantado.cli.verify;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.stream.Stream;

import org.quantado.cli.engine.EngineOptions;
import org.quantado.cli.engine.LayerOptions;
import org.quantado.cli.engine.ModelFolder;
import org.quantado.cli.engine.RunningEngine;
import org.quantado.cli.report.ExitCode;
import org.quantado.cli.report.Output;
import org.quantado.cli.report.Progress;
import org.quantado.models.verify.ModelVerification;
import org.quantado.moe.verify.MoeVerification;
import org.quantado.schemes.checkpoint.CheckpointException;
import org.quantado.schemes.linear.SchemeException;
import org.quantado.schemes.verify.Verification;

import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** Runs layers, blocks of experts and whole models for which folders have an input and a result. */
@Command(name = "verify", description = "Run every layer, block of experts or model that MODEL/expected.safetensors has results for, and compare.", footer = {
        "", "Example:", "  quantado verify DIR --activations off", "", ExitCode.HELP})
public final class VerifyCommand implements Callable<Integer> {
    @Parameters(paramLabel = "MODEL", converter = ModelFolder.class, arity = "1..*", description = "Models with expected.safetensors, each "
            + ModelFolder.HELP + ".")
    private List<Path> folders;

    @Mixin
    private LayerOptions layerOptions;

    @Mixin
    private EngineOptions engineOptions;

    @Mixin
    private Output output;

    @Override
    public Integer call() {
        RunningEngine engine = engineOptions.start();
        List<VerifiedFolder> verified = new ArrayList<>();
        try (Progress progress = Progress.startBytes("Verifying",
                folders.stream().mapToLong(VerifyCommand::byteSize).sum())) {
            for (Path folder : folders) {
                verified.add(verify(folder));
                progress.step(byteSize(folder));
            }
        }
        VerifyReport report = new VerifyReport(engine, verified, verified.stream().allMatch(VerifiedFolder::passed));
        output.print(report);
        verified.stream().flatMap(folder -> folder.complaint().stream()).forEach(output::complain);
        if (verified.stream().anyMatch(folder -> folder.error() != null)) {
            return ExitCode.BAD_INPUT;
        }
        return report.passed() ? ExitCode.DONE : ExitCode.CHECK_FAILED;
    }

    /** Bytes of the files in a folder; of one that is none it will be told in its turn. */
    private static long byteSize(Path folder) {
        try (Stream<Path> files = Files.list(folder)) {
            return files.mapToLong(file -> file.toFile().length()).sum();
        } catch (IOException e) {
            return 0;
        }
    }

    private VerifiedFolder verify(Path folder) {
        List<VerifiedLayer> layers = new ArrayList<>();
        try {
            if (ModelVerification.isFor(folder)) {
                return new VerifiedFolder(folder.toString(), model(folder), null);
            }
            if (MoeVerification.isFor(folder)) {
                return new VerifiedFolder(folder.toString(), List.of(block(folder)), null);
            }
        } catch (CheckpointException | SchemeException e) {
            return new VerifiedFolder(folder.toString(), layers, e.getMessage());
        }
        try (Verification verification = Verification.open(folder, layerOptions.activations(), layerOptions.online())) {
            for (int i = 0; i < verification.layers().size(); i++) {
                layers.add(VerifiedLayer.of(verification.run(i)));
            }
            return new VerifiedFolder(folder.toString(), layers, null);
        } catch (CheckpointException | SchemeException e) {
            return new VerifiedFolder(folder.toString(), layers, e.getMessage());
        }
    }

    private List<VerifiedLayer> model(Path folder) {
        if (layerOptions.online().isPresent()) {
            throw new CheckpointException(folder.toString(),
                    "results of a whole model, and none for weights that are quantized while loading",
                    "no --online");
        }
        try (ModelVerification verification = ModelVerification.open(folder, layerOptions.activations())) {
            return verification.run().stream().map(VerifiedLayer::of).toList();
        }
    }

    private VerifiedLayer block(Path folder) {
        try (MoeVerification verification = MoeVerification.open(folder, layerOptions.activations(),
                layerOptions.online())) {
            return VerifiedLayer.of(verification.run());
        }
    }
}
