package org.quantado.moe;

import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

import org.quantado.kernels.codec.ModelDtype;
import org.quantado.kernels.experts.MoeBlock;
import org.quantado.kernels.graph.LayerNumber;
import org.quantado.schemes.linear.Activations;
import org.quantado.schemes.linear.LinearScheme;
import org.quantado.schemes.linear.LoadedParameters;
import org.quantado.schemes.linear.OnlineFormat;
import org.quantado.schemes.linear.OnlineScheme;
import org.quantado.schemes.linear.SchemeException;
import org.quantado.schemes.linear.UnquantizedScheme;

/**
 * A way to run blocks of experts. Immutable, and shareable between threads.
 *
 * @param name what it is called in a table
 * @param experts the scheme of the experts' matrices
 * @param shared the scheme of the shared experts' matrices, where they are
 * @param router the scheme of the router, where it is quantized
 * @param sharedGate the scheme of the shared experts' gate, where it is quantized
 * @param sizes what it asks of a block's sizes
 * @param weightedInput in which type the router's weight multiplies an input
 */
public record MoeMethod(String name, LinearScheme experts, LinearScheme shared, Optional<LinearScheme> router,
        Optional<LinearScheme> sharedGate, SizeRule sizes, WeightedInput weightedInput) {
    /** What a method asks of a block's sizes. */
    @FunctionalInterface
    interface SizeRule {
        /** Asks for nothing. */
        SizeRule ANY = spec -> {
        };

        /** Throws a {@link SchemeException} with the peer's message where a block does not fit. */
        void require(MoeSpec spec);
    }

    /** In which type the router's weight multiplies an input that is rounded, and for how many experts of a token. */
    enum WeightedInput {
        /** The model's type, for one. */
        MODEL_DTYPE {
            @Override
            ModelDtype dtype(MoeSpec spec) {
                if (spec.router().topK() != 1) {
                    throw new SchemeException("apply_router_weight_on_input is only implemented for topk=1");
                }
                return spec.paramsDtype();
            }
        },
        /** bfloat16 in a bfloat16 model, else float. */
        BF16_OR_F32 {
            @Override
            ModelDtype dtype(MoeSpec spec) {
                return spec.paramsDtype() == ModelDtype.BF16 ? ModelDtype.BF16 : ModelDtype.F32;
            }
        },
        /** Float. */
        F32 {
            @Override
            ModelDtype dtype(MoeSpec spec) {
                return ModelDtype.F32;
            }
        };

        abstract ModelDtype dtype(MoeSpec spec);
    }

    /** 16-bit weights as they are. */
    public static MoeMethod unquantized() {
        return of("UnquantizedFusedMoEMethod", new UnquantizedScheme());
    }

    /** 16-bit weights that are quantized on the device while they are loaded, expert by expert. */
    public static MoeMethod online(OnlineFormat format) {
        return of("Online " + format.name() + " MoE", new OnlineScheme(format)).withSizes(spec -> {
            boolean fits = format.hasWholeGroups(spec.hidden())
                    && format.hasWholeGroups(spec.intermediatePerPartition());
            if (!fits) {
                throw new SchemeException("Online " + format.name()
                        + " MoE requires hidden/intermediate sizes divisible by " + format.groupSize() + ".");
            }
        });
    }

    /** A method that asks for no more than the scheme of its experts and shared experts does. */
    static MoeMethod of(String name, LinearScheme scheme) {
        return new MoeMethod(name, scheme, scheme, Optional.empty(), Optional.empty(), SizeRule.ANY,
                WeightedInput.MODEL_DTYPE);
    }

    MoeMethod withSizes(SizeRule rule) {
        return new MoeMethod(name, experts, shared, router, sharedGate, rule, weightedInput);
    }

    MoeMethod withWeightedInput(WeightedInput weighted) {
        return new MoeMethod(name, experts, shared, router, sharedGate, sizes, weighted);
    }

    /** The same method with shared experts of another scheme. */
    public MoeMethod withShared(LinearScheme scheme) {
        return new MoeMethod(name, experts, scheme, router, sharedGate, sizes, weightedInput);
    }

    /** The same method with a quantized router or gate of the shared experts. */
    public MoeMethod withSides(Optional<LinearScheme> ofRouter, Optional<LinearScheme> ofSharedGate) {
        return new MoeMethod(name, experts, shared, ofRouter, ofSharedGate, sizes, weightedInput);
    }

    /** The least compute capability of an NVIDIA device, as 10 times major plus minor. Other devices need none. */
    public int minCapability() {
        return Stream.of(Stream.of(experts, shared), router.stream(), sharedGate.stream()).flatMap(all -> all)
                .mapToInt(LinearScheme::minCapability).max().orElseThrow();
    }

    /**
     * The parameters of a block.
     *
     * @throws SchemeException if its sizes do not fit the method, or it cannot be cut as its spec says
     */
    public MoeParameters createWeights(MoeSpec spec) {
        sizes.require(spec);
        weightedInput(spec);
        return MoeParameters.of(this, spec);
    }

    /** The type in which the router's weight multiplies an input, where it does. */
    Optional<ModelDtype> weightedInput(MoeSpec spec) {
        return switch (spec.routerWeight()) {
            case ON_OUTPUT -> Optional.empty();
            case ON_INPUT -> Optional.of(ModelDtype.F32);
            case ON_ROUNDED_INPUT -> Optional.of(weightedInput.dtype(spec));
        };
    }

    /**
     * Checks loaded parameters without preparing the block.
     *
     * @throws org.quantado.schemes.checkpoint.CheckpointException if their values cannot be right
     */
    public void check(LoadedMoe parameters) {
        parameters.gateUp().forEach(experts::check);
        parameters.down().forEach(experts::check);
        checkInputs(parameters.gateUp(), parameters);
        checkInputs(parameters.down(), parameters);
        parameters.shared().ifPresent(some -> {
            shared.check(some.gateUp());
            shared.check(some.down());
            some.gate().ifPresent(MoeMethod::check);
        });
        parameters.router().layer().ifPresent(MoeMethod::check);
    }

    /** As when a block alone is brought into the kernels' layout. */
    private void checkInputs(List<LoadedParameters> each, LoadedMoe block) {
        CommonQuantizer.of(each.stream().map(some -> experts.inputQuantizer(some, Activations.CONFIG)).toList(),
                block.spec().layerName());
    }

    private static void check(LoadedSide side) {
        if (side instanceof LoadedSide.Quantized(LinearScheme scheme, LoadedParameters parameters)) {
            scheme.check(parameters);
        }
    }

    /**
     * Brings loaded parameters into the kernels' layout, one expert after another. The parameters are left as they are,
     * so that doing it twice gives two equal blocks.
     *
     * @throws org.quantado.schemes.checkpoint.CheckpointException if their values cannot be right
     * @throws SchemeException if the weights are too large for the kernels
     */
    public QuantizedMoe processWeightsAfterLoading(LoadedMoe parameters, Activations activations) {
        return new QuantizedMoe(parameters.spec(), assemble(parameters, activations));
    }

    /**
     * Weights, biases and quantizers, as the kernels see them. Weights are read from the checkpoint when they are asked
     * for, expert by expert.
     */
    MoeBlock assemble(LoadedMoe parameters, Activations activations) {
        return new MoeAssembly(this, List.of(parameters), activations, ExpertCalibration.COMMON, LayerNumber.of(1))
                .block();
    }

    /**
     * The blocks of layers that are alike as one, which reads the number of the layer on the device; each expert with its
     * own calibration.
     *
     * @param parameters of each layer, in order
     * @param layer which of them is run
     * @throws SchemeException if they quantize inputs in different ways
     */
    public MoeBlock assemble(List<LoadedMoe> parameters, Activations activations, LayerNumber layer) {
        return new MoeAssembly(this, parameters, activations, ExpertCalibration.OWN, layer).block();
    }
}
