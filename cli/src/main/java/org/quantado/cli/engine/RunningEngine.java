package org.quantado.cli.engine;

import java.util.Optional;

import org.quantado.cli.report.CommandException;
import org.quantado.cli.report.ExitCode;
import org.quantado.cli.report.Failure;
import org.quantado.cli.report.Names;
import org.quantado.kernels.engine.DeviceException;
import org.quantado.kernels.engine.Engine;
import org.quantado.kernels.matmul.FlavourChoice;

import uk.ac.manchester.tornado.api.TornadoRuntime;
import uk.ac.manchester.tornado.api.common.TornadoDevice;
import uk.ac.manchester.tornado.api.runtime.TornadoRuntimeProvider;

/**
 * The engine of this process, and the device that layers run on.
 *
 * @param engine its name
 * @param device as {@code --device} takes it
 * @param deviceName what it calls itself
 * @param backend what compiles for it
 * @param flavour of the kernels
 */
public record RunningEngine(String engine, String device, String deviceName, String backend, String flavour) {
    /**
     * Starts the engine.
     *
     * @throws CommandException if it has no device, or not the one that was asked for, or not the flavour
     */
    static RunningEngine start() {
        EngineKind kind = kind();
        TornadoRuntime runtime = runtime(kind);
        TornadoDevice chosen = selectedDevice().orElseGet(runtime::getDefaultDevice);
        return DeviceInfo.all(runtime).stream().filter(device -> device.is(chosen)).findFirst()
                .map(device -> new RunningEngine(Names.of(kind), device.id(), device.name(), device.backend(),
                        flavourName()))
                .orElseThrow(() -> new CommandException(ExitCode.NO_DEVICE, kind.title() + " has no device"));
    }

    private static String flavourName() {
        try {
            return Names.of(FlavourChoice.forDevice().flavour());
        } catch (IllegalArgumentException e) {
            throw new CommandException(ExitCode.NO_DEVICE, e.getMessage(), e);
        }
    }

    /** Which engine the process was started with. */
    public static EngineKind kind() {
        try {
            return Engine.isEmbedded() ? EngineKind.HOST : EngineKind.TORNADO;
        } catch (DeviceException e) {
            throw new CommandException(ExitCode.NO_DEVICE, e.getMessage(), e);
        }
    }

    /** The runtime behind TornadoVM's API; without any device, an SDK does not start. */
    public static TornadoRuntime runtime(EngineKind kind) {
        try {
            return TornadoRuntimeProvider.getTornadoRuntime();
        } catch (LinkageError | RuntimeException e) {
            throw new CommandException(ExitCode.NO_DEVICE, kind.title() + " finds no device ("
                    + Failure.describe(e) + "); install a driver for one, or use --engine host", e);
        }
    }

    private static Optional<TornadoDevice> selectedDevice() {
        try {
            return Engine.selectedDevice();
        } catch (DeviceException e) {
            throw new CommandException(ExitCode.NO_DEVICE, e.getMessage(), e);
        }
    }

    @Override
    public String toString() {
        return "the " + engine + " engine, device " + device + " " + deviceName + " (" + backend + "), " + flavour
                + " kernels";
    }
}
