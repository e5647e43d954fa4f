package org.quantado.cli.devices;

import java.io.PrintWriter;
import java.util.List;
import java.util.Locale;

import org.quantado.cli.engine.DeviceInfo;
import org.quantado.cli.engine.RunningEngine;
import org.quantado.cli.report.Report;
import org.quantado.cli.report.Table;

/**
 * What there is to run layers on.
 *
 * @param use what runs them unless told otherwise; absent where there is nothing
 * @param reason why this engine
 * @param engine of this process
 * @param sdk that was found, if one was
 * @param devices of this engine
 * @param flavours of kernels
 * @param missing for more, sentences
 */
record DevicesReport(RunningEngine use, String reason, String engine, TornadoSdk sdk,
        List<DeviceInfo> devices, List<String> flavours, List<String> missing) implements Report {
    private static final double GIGABYTE = 1L << 30;
    private static final int KILOBYTE = 1 << 10;

    @Override
    public void print(PrintWriter out) {
        out.println("Engine: " + engine + ", because " + reason);
        out.println("TornadoVM SDK: "
                + (sdk == null ? "none" : sdk.path() + ", version " + sdk.version() + ", " + sdk.backends()));
        out.println("Kernels: " + String.join(", ", flavours));
        out.println();
        Table table = new Table("device", "name", "backend", "platform", "type", "memory", "local", "work-group",
                "units", "");
        for (DeviceInfo device : devices) {
            table.row(device.id(), device.name(), device.backend(), device.platform(), device.type(),
                    String.format(Locale.ROOT, "%.1f GB", device.globalMemoryBytes() / GIGABYTE),
                    device.localMemoryBytes() / KILOBYTE + " KB", device.maxWorkGroupSize(),
                    device.computeUnits(),
                    use != null && use.device().equals(device.id()) ? "<- used" : "");
        }
        table.print(out);
        missing.forEach(sentence -> out.println("Missing: " + sentence));
    }
}
