package org.quantado.cli.engine;

import java.util.Arrays;
import java.util.Optional;
import java.util.stream.Collectors;

import org.quantado.cli.report.Names;
import org.quantado.schemes.linear.Activations;
import org.quantado.schemes.linear.OnlineFormat;

import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Option;
import picocli.CommandLine.TypeConversionException;

/** Options of the commands that load and run layers of a checkpoint. */
public final class LayerOptions {
    @Option(names = "--activations", paramLabel = "WHEN", defaultValue = "config", description = "config (the default: activations are quantized when the checkpoint's config says so) or off.")
    private Activations activations;

    @Option(names = "--online", paramLabel = "PRESET", converter = OnlineFormatName.class, description = "Quantize unquantized layers while loading, such as to mxfp8.")
    private OnlineFormat online;

    private static final class OnlineFormatName implements ITypeConverter<OnlineFormat> {
        @Override
        public OnlineFormat convert(String name) {
            return OnlineFormat.named(name).orElseThrow(() -> new TypeConversionException("expected one of "
                    + Arrays.stream(OnlineFormat.values()).map(Names::of).collect(Collectors.joining(", "))
                    + " but was '" + name + "'"));
        }
    }

    public Activations activations() {
        return activations;
    }

    public Optional<OnlineFormat> online() {
        return Optional.ofNullable(online);
    }
}
