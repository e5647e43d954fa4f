package org.quantado.schemes.linear;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Collectors;

import org.quantado.schemes.checkpoint.DType;
import org.quantado.schemes.checkpoint.Tensor;
import org.quantado.schemes.checkpoint.TensorSource;
import org.quantado.schemes.linear.LinearSpec.Partition;
import org.quantado.schemes.select.Leftovers;

/**
 * The parameters of a layer, known by name, type and shape, and not loaded yet.
 *
 * @param spec the layer
 * @param parameters what each of its modules needs; those of one name are layouts that are told apart by
 *     their types and shapes
 */
public record Parameters(LinearSpec spec, List<ParameterSpec> parameters) {
    public Parameters {
        parameters = List.copyOf(parameters);
    }

    /**
     * Finds every parameter in a checkpoint and cuts the part that the layer holds, without copying.
     *
     * @throws org.quantado.schemes.checkpoint.CheckpointException if one is missing, or of another type or shape, or if a
     *     module has a tensor that is no parameter
     */
    public LoadedParameters load(TensorSource checkpoint) {
        return load(checkpoint, name -> false);
    }

    /**
     * As {@link #load(TensorSource)}, for a module that has tensors of something else, too.
     *
     * @param isOfOther tells those by their full names
     */
    public LoadedParameters load(TensorSource checkpoint, Predicate<String> isOfOther) {
        Map<String, List<Optional<TensorSlice>>> loaded = new HashMap<>();
        Map<String, List<ParameterSpec>> layouts = parameters.stream()
                .collect(Collectors.groupingBy(ParameterSpec::name, LinkedHashMap::new, Collectors.toList()));
        layouts.forEach((name, alternatives) -> {
            List<Optional<TensorSlice>> parts = new ArrayList<>();
            for (Partition partition : spec.partitions()) {
                parts.add(find(checkpoint, alternatives.getFirst(), partition)
                        .map(tensor -> slice(tensor, alternatives, partition)));
            }
            loaded.put(name, parts);
        });
        spec.partitions().forEach(partition -> requireNoOther(checkpoint, partition.module() + ".",
                layouts.keySet(), isOfOther));
        return new LoadedParameters(spec, loaded, checkpoint);
    }

    private static void requireNoOther(TensorSource checkpoint, String beginning, Set<String> known,
            Predicate<String> isOfOther) {
        for (String name : checkpoint.namesThatBegin(beginning)) {
            boolean isKnown = known.contains(name.substring(beginning.length())) || Leftovers.contains(name);
            if (!isKnown && !isOfOther.test(name)) {
                throw checkpoint.tensor(name).error("a tensor that the layer's scheme does not use",
                        "only " + known.stream().sorted().collect(Collectors.joining(", ")));
            }
        }
    }

    private static Optional<Tensor> find(TensorSource checkpoint, ParameterSpec parameter,
            Partition partition) {
        String name = partition.module() + "." + parameter.name();
        return parameter.required() ? Optional.of(checkpoint.tensor(name)) : checkpoint.find(name);
    }

    private TensorSlice slice(Tensor tensor, List<ParameterSpec> alternatives, Partition partition) {
        int outputs = partition.outputSize();
        int inputs = spec.inputSize();
        tensor.requireDType(alternatives.stream().flatMap(layout -> layout.dtypes().stream()).distinct()
                .toArray(DType[]::new));
        ParameterSpec parameter = alternatives.stream()
                .filter(layout -> layout.accepts(tensor, outputs, inputs)).findFirst()
                .orElseThrow(() -> tensor.error("shape " + tensor.shape(),
                        "shape " + alternatives.getFirst().shape(outputs, inputs)));
        Span heldOutputs = spec.outputs(partition);
        return new TensorSlice(tensor,
                parameter.rows().span(tensor, heldOutputs, spec.inputs(), outputs, inputs),
                parameter.columns().span(tensor, heldOutputs, spec.inputs(), outputs, inputs),
                parameter.columns().size(outputs, inputs));
    }
}
