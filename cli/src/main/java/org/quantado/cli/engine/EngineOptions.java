package org.quantado.cli.engine;

import java.util.Optional;

import org.quantado.cli.report.CommandException;
import org.quantado.cli.report.ExitCode;
import org.quantado.cli.report.Names;
import org.quantado.kernels.engine.Engine;
import org.quantado.kernels.matmul.Flavour;
import org.quantado.kernels.matmul.FlavourChoice;

import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Option;
import picocli.CommandLine.TypeConversionException;

/** Options of the commands that run something on a device. */
public final class EngineOptions {
    private static final String DEVICE_FORM = "\\d{1,4}:\\d{1,4}";

    @Option(names = "--engine", paramLabel = "ENGINE", defaultValue = "auto", description = "auto (the default: TornadoVM where an SDK is found), host or tornado.")
    private Choice engine;

    @Option(names = "--device", paramLabel = "B:D", converter = DeviceId.class, description = "Backend and device, as quantado devices numbers them.")
    private String device;

    @Option(names = "--flavour", paramLabel = "FLAVOUR", description = "How the kernels are written: ${COMPLETION-CANDIDATES}; otherwise what conf/devices says for the device.")
    private Flavour flavour;

    /** Engines as they can be asked for. */
    private enum Choice {
        AUTO, HOST, TORNADO
    }

    private static final class DeviceId implements ITypeConverter<String> {
        @Override
        public String convert(String value) {
            if (!value.matches(DEVICE_FORM)) {
                throw new TypeConversionException(
                        "expected BACKEND:DEVICE, such as 0:0, but was '" + value + "'");
            }
            return value;
        }
    }

    /**
     * The engine that the process was started with.
     *
     * @throws CommandException if another one was asked for
     */
    public EngineKind kind() {
        EngineKind kind = RunningEngine.kind();
        Optional<EngineKind> wanted = switch (engine) {
            case AUTO -> Optional.empty();
            case HOST -> Optional.of(EngineKind.HOST);
            case TORNADO -> Optional.of(EngineKind.TORNADO);
        };
        if (wanted.isPresent() && wanted.get() != kind) {
            throw new CommandException(ExitCode.NO_DEVICE, "--engine " + Names.of(engine)
                    + " was asked for, and java was started for " + kind.title()
                    + "; start the program by the quantado launcher");
        }
        return kind;
    }

    /**
     * Starts the engine on the device that is asked for.
     *
     * @throws CommandException if there is no such engine or device
     */
    public RunningEngine start() {
        selectDevice();
        kind();
        return RunningEngine.start();
    }

    /** Tells the library which device and flavour to use. */
    void selectDevice() {
        if (device != null) {
            System.setProperty(Engine.DEVICE_PROPERTY, device);
        }
        if (flavour != null) {
            System.setProperty(FlavourChoice.FLAVOUR_PROPERTY, flavour.name());
        }
    }
}
