package org.quantado.cli.quantize;

import java.nio.file.Path;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

import org.quantado.cli.report.Names;
import org.quantado.cli.report.Version;
import org.quantado.schemes.config.Target;
import org.quantado.schemes.quantize.Calibrator;
import org.quantado.schemes.quantize.QuantizationRequest;
import org.quantado.schemes.quantize.QuantizationRequest.Assignment;
import org.quantado.schemes.quantize.QuantizationResult;

/**
 * How a checkpoint was quantized.
 *
 * @param version of the program
 * @param date on which
 * @param presets by group of the config, each with the layers that it is for
 * @param ignore layers that were left alone
 * @param observer how ranges were chosen
 * @param calibration name of the text or of the file of recorded inputs; absent if there was none
 */
record ErrorPageSettings(String version, String date, List<Preset> presets, List<String> ignore, String observer,
        String calibration) {
    /** The preset of a group, and the layers that it is for. */
    record Preset(String group, String name, List<String> targets) {
    }

    static ErrorPageSettings of(QuantizationResult result, QuantizationRequest request, LocalDate date) {
        List<Preset> presets = new ArrayList<>();
        for (int i = 0; i < request.assignments().size(); i++) {
            Assignment assignment = request.assignments().get(i);
            presets.add(new Preset(result.config().groups().get(i).name(), assignment.preset().name(),
                    assignment.targets().stream().map(Target::text).toList()));
        }
        return new ErrorPageSettings(Version.TEXT, date.toString(), presets,
                result.config().ignore().stream().map(Target::text).toList(), Names.of(request.observer()),
                request.calibrator().map(Calibrator::name)
                        .or(() -> request.calibration().map(Path::getFileName).map(Path::toString)).orElse(null));
    }

    /** The preset of a group of the config. */
    String presetOf(String group) {
        return presets.stream().filter(preset -> preset.group.equals(group)).findFirst().orElseThrow().name;
    }

    /** What the page shows of it. */
    Map<String, String> shown() {
        Map<String, String> shown = new LinkedHashMap<>();
        shown.put("presets", presets.stream().map(preset -> preset.name + " for " + String.join(", ", preset.targets))
                .collect(Collectors.joining("; ")));
        shown.put("left alone", ignore.isEmpty() ? "nothing" : String.join(", ", ignore));
        shown.put("observer", observer);
        if (calibration != null) {
            shown.put("calibration", calibration);
        }
        shown.put("written by", version + " on " + date);
        return shown;
    }
}
