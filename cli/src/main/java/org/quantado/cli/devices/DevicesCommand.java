package org.quantado.cli.devices;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;

import org.quantado.cli.engine.DeviceInfo;
import org.quantado.cli.engine.EngineKind;
import org.quantado.cli.engine.EngineOptions;
import org.quantado.cli.engine.RunningEngine;
import org.quantado.cli.report.CommandException;
import org.quantado.cli.report.ExitCode;
import org.quantado.cli.report.Names;
import org.quantado.cli.report.Output;
import org.quantado.kernels.matmul.Flavour;

import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** Shows engines and devices. */
@Command(name = "devices", description = "Show engines and devices, what would be used, and what is missing for more.", footer = {
        "", "Example:", "  quantado devices --engine host", "", ExitCode.HELP})
public final class DevicesCommand implements Callable<Integer> {
    @Mixin
    private Output output;

    @Mixin
    private EngineOptions options;

    @Override
    public Integer call() {
        EngineKind kind = options.kind();
        Optional<TornadoSdk> sdk = TornadoSdk.find();
        List<DeviceInfo> devices = List.of();
        RunningEngine use = null;
        List<String> missing = new ArrayList<>();
        CommandException failure = null;
        try {
            devices = DeviceInfo.all(RunningEngine.runtime(kind));
            use = options.start();
        } catch (CommandException e) {
            failure = e;
            missing.add(e.getMessage());
        }
        if (sdk.isEmpty()) {
            missing.add("for GPUs and other devices: " + TornadoSdk.ADVICE);
        }
        output.print(new DevicesReport(use, reason(kind, sdk), Names.of(kind), sdk.orElse(null), devices,
                use == null ? List.of() : flavours(), missing));
        if (failure != null) {
            output.complain(failure.getMessage());
            return failure.exitCode();
        }
        return ExitCode.DONE;
    }

    /** Flavours that run on the device, and why others do not. */
    private static List<String> flavours() {
        return Arrays.stream(Flavour.values()).map(flavour -> flavour.hindrance()
                .map(why -> Names.of(flavour) + " (not here: " + why + ")").orElse(Names.of(flavour))).toList();
    }

    private static String reason(EngineKind kind, Optional<TornadoSdk> sdk) {
        if (kind == EngineKind.TORNADO) {
            return "java was started for the SDK" + sdk.map(found -> " at " + found.path()).orElse("");
        }
        return sdk.map(found -> "java was started without the SDK at " + found.path())
                .orElse("no TornadoVM SDK was found");
    }
}
