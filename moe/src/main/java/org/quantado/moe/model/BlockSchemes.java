package org.quantado.moe.model;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

import org.quantado.moe.MoeMethod;
import org.quantado.moe.MoeMethods;
import org.quantado.moe.MoeSpec;
import org.quantado.schemes.linear.LinearScheme;
import org.quantado.schemes.linear.LinearSchemes;
import org.quantado.schemes.linear.OnlineFormat;
import org.quantado.schemes.linear.OnlineScheme;
import org.quantado.schemes.linear.SchemeException;
import org.quantado.schemes.linear.UnquantizedScheme;
import org.quantado.schemes.model.Model;
import org.quantado.schemes.select.Selection;

/** Finds the method that runs a block: what was selected for each of its parts. */
record BlockSchemes(Model model, BlockTensors tensors) {
    /**
     * The scheme that was selected for the experts' matrices, or why there is none.
     *
     * @throws SchemeException with the peer's message if they have several
     */
    Selection selection() {
        if (tensors.stack().isPresent()) {
            return new Selection.Unquantized("its experts are stacked in unquantized tensors");
        }
        List<Selection> selections = tensors.expertModules().map(module -> model.layer(module).selection()).toList();
        Selection first = selections.getFirst();
        boolean unquantized = selections.stream().allMatch(Selection.Unquantized.class::isInstance);
        if (!unquantized && !selections.stream().allMatch(first::equals)) {
            throw several(tensors.block());
        }
        return first;
    }

    /** The method for a block, with what unquantized weights become while loading. */
    MoeMethod method(MoeSpec spec, Optional<OnlineFormat> online) {
        MoeMethod method = switch (selection()) {
            case Selection.Selected selected -> MoeMethods.of(selected, model.dtype());
            case Selection.Unquantized unquantized -> online.map(MoeMethod::online).orElseGet(MoeMethod::unquantized);
            case Selection.Unsupported unsupported -> throw unsupported.toException(file(), tensors.block());
        };
        Optional<LinearScheme> router = spec.routerTensors().flatMap(tensors -> side(tensors.module()));
        Optional<LinearScheme> gate = spec.shared().flatMap(MoeSpec.Shared::gate).flatMap(this::side);
        MoeMethod withSides = method.withSides(router, gate);
        return spec.shared().map(shared -> withSides.withShared(shared(shared, online))).orElse(withSides);
    }

    private LinearScheme shared(MoeSpec.Shared shared, Optional<OnlineFormat> online) {
        List<LinearScheme> schemes = Stream.of("gate_proj", "up_proj", "down_proj")
                .map(matrix -> model.layer(shared.module() + "." + matrix).selection())
                .map(selection -> scheme(selection, shared.module()).orElseGet(() -> online
                        .<LinearScheme>map(OnlineScheme::new).orElseGet(UnquantizedScheme::new)))
                .toList();
        if (schemes.stream().map(LinearScheme::name).distinct().count() > 1) {
            throw several(shared.module());
        }
        return schemes.getFirst();
    }

    /** The scheme of a router or gate; empty where it is as it was, whether the config says so or not. */
    private Optional<LinearScheme> side(String module) {
        return tensors.has(module) ? scheme(model.layer(module).selection(), module) : Optional.empty();
    }

    private Optional<LinearScheme> scheme(Selection selection, String module) {
        return switch (selection) {
            case Selection.Selected selected -> Optional.of(LinearSchemes.of(selected, model.dtype()));
            case Selection.Unquantized unquantized -> Optional.empty();
            case Selection.Unsupported unsupported -> throw unsupported.toException(file(), module);
        };
    }

    private Path file() {
        return model.checkpoint().configFile().orElse(model.checkpoint().path());
    }

    private static SchemeException several(String layer) {
        return new SchemeException("layer '" + layer
                + "': All MoE projections need to have same quantization scheme but found multiple");
    }
}
