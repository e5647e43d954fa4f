package org.quantado.models.calibrate;

import java.io.IOException;
import java.io.Serializable;
import java.lang.foreign.Arena;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

import org.quantado.kernels.hessian.Hessian;
import org.quantado.schemes.gptq.Gptq;
import org.quantado.schemes.quantize.FinishedLayers;
import org.quantado.schemes.quantize.FloatWeight;
import org.quantado.schemes.quantize.LayerError;
import org.quantado.schemes.quantize.PlannedLayer;
import org.quantado.schemes.quantize.QuantizedWeight;
import org.quantado.schemes.quantize.RoundedWeight;
import org.quantado.schemes.quantize.TensorBytes;
import org.quantado.schemes.quantize.WeightRounding;

/**
 * Quantizes the weights of linear layers that read the same inputs, into a file of their own.
 *
 * @param version of the decoder layer that they are of
 * @param tap number of the place where the inputs are
 * @param names of the linear layers
 * @param squares where the inputs' Hessian is, if it counts
 */
record QuantizeTask(LayerVersion version, int tap, List<String> names, SquareFiles squares)
        implements
            SiteTask<QuantizeTask.Piece> {
    QuantizeTask {
        names = List.copyOf(names);
    }

    /**
     * What was made.
     *
     * @param file its name
     * @param warnings sentences that a user should read
     */
    record Piece(String file, List<String> warnings) implements Serializable {
    }

    @Override
    public Piece workAlone(CalibrationSite site) throws IOException {
        site.endSums();
        LayerTensors tensors = site.tensors(version);
        Optional<CalibrationSite.Rounding> rounding = squares.names().isEmpty()
                ? Optional.empty()
                : Optional.of(site.rounding(version, tap, squares));
        Map<String, TensorBytes> made = new LinkedHashMap<>();
        List<LayerError> errors = new ArrayList<>();
        for (String name : names) {
            errors.add(quantize(site, site.input().layers().get(name), tensors, rounding, made));
        }
        String file = CalibrationSite.newName(".safetensors");
        FinishedLayers.writePiece(site.made().resolve(file), made, errors);
        return new Piece(file, rounding.map(CalibrationSite.Rounding::takeWarnings).orElse(List.of()));
    }

    private static LayerError quantize(CalibrationSite site, PlannedLayer layer, LayerTensors tensors,
            Optional<CalibrationSite.Rounding> known, Map<String, TensorBytes> made) {
        FloatWeight weight = tensors.weight(layer.name());
        WeightRounding rounding = new WeightRounding(layer.scheme(), layer.dtype(), tensors.amax(layer),
                site.input().observer());
        Optional<Gptq> gptq = known.flatMap(CalibrationSite.Rounding::gptq);
        RoundedWeight rounded = gptq
                .map(some -> some.quantize(weight, rounding, known.get().hessian()).rounded())
                .orElseGet(() -> rounding.toNearest(weight, weight.columns()));
        QuantizedWeight quantized = rounded.write(layer.name(), layer.group().name(), weight, Arena.ofAuto());
        quantized.tensors().forEach((part, bytes) -> made.put(layer.tensor(part),
                TensorBytes.of(layer.tensors().get(layer.tensor(part)), bytes)));
        return site.recipe().measured()
                ? measured(site, quantized.error(), layer, weight, rounded, tensors, known.orElseThrow().hessian())
                : quantized.error();
    }

    /** Beside what the method lost, what is lost by rounding the weight of the input to nearest. */
    private static LayerError measured(CalibrationSite site, LayerError error, PlannedLayer layer, FloatWeight weight,
            RoundedWeight rounded, LayerTensors tensors, Hessian hessian) {
        LayerTensors originals = tensors.original();
        FloatWeight original = originals.weight(layer.name());
        int samples = site.blocks().samples();
        RoundedWeight nearest = new WeightRounding(layer.scheme().inOrder(), layer.dtype(), originals.amax(layer),
                site.input().observer()).toNearest(original, original.columns());
        double signal = WeightedSum.squares(weight::read, weight.rows(), hessian, samples);
        double own = WeightedSum.squares(row -> difference(weight.read(row), rounded.decode(row)), weight.rows(),
                hessian, samples);
        double ofNearest = WeightedSum.squares(row -> {
            float[] difference = difference(original.read(row), nearest.decode(row));
            for (int k = 0; k < difference.length; k++) {
                difference[k] *= tensors.factor(layer.name(), row, weight.rows(), k);
            }
            return difference;
        }, weight.rows(), hessian, samples);
        double nearestSqnr = nearest.write(layer.name(), layer.group().name(), original, Arena.ofAuto()).error().sqnr();
        return error.with(
                new LayerError.Outputs(Math.sqrt(own / signal), Math.sqrt(ofNearest / signal), nearestSqnr));
    }

    private static float[] difference(float[] values, float[] others) {
        for (int k = 0; k < values.length; k++) {
            values[k] -= others[k];
        }
        return values;
    }
}
