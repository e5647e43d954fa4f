package org.quantado.schemes.dialect;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

import org.quantado.schemes.config.Target;

/** How each layer became integers, by its name: as most do, but for those that a config names. */
final class LayerFormats implements Function<String, Optional<IntegerFormat>> {
    private final IntegerFormat usual;
    private final List<Rule> rules = new ArrayList<>();

    private record Rule(Target names, Optional<IntegerFormat> format) {
    }

    LayerFormats(IntegerFormat usual) {
        this.usual = usual;
    }

    /** What holds for layers that no earlier rule names; empty for layers that are not quantized. */
    LayerFormats except(Target names, Optional<IntegerFormat> format) {
        rules.add(new Rule(names, format));
        return this;
    }

    @Override
    public Optional<IntegerFormat> apply(String layer) {
        return rules.stream().filter(rule -> rule.names.matchesName(layer)).findFirst()
                .map(Rule::format).orElse(Optional.of(usual));
    }
}
