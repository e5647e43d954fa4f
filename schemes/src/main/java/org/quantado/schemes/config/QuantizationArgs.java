package org.quantado.schemes.config;

import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;

/**
 * How one tensor of a layer is quantized: its weight, its input or its output.
 * <p>
 * Fields, defaults and rules are those of compressed-tensors 0.18. What a file leaves out is filled in as there:
 * the strategy from the group size, the observer and the type of zero points from the rest.
 *
 * @param numBits bits of a code
 * @param type kind of number that a code stands for
 * @param symmetric whether zero is represented by the code 0
 * @param groupSize neighbours in a row that share a scale; -1 means the whole row
 * @param strategy what shares a scale
 * @param blockStructure tile that shares a scale, for {@link QuantizationStrategy#BLOCK}
 * @param dynamic when the scales are found
 * @param actorder whether columns were ordered by their activations
 * @param scaleDtype type in which scales are stored, where it is not the model's
 * @param zpDtype type of zero points
 * @param observer how the range of values was found
 * @param observerKwargs arguments of the observer, plain JSON values
 */
public record QuantizationArgs(int numBits, QuantizationType type, boolean symmetric, OptionalInt groupSize,
        QuantizationStrategy strategy, Optional<BlockStructure> blockStructure, DynamicType dynamic,
        Optional<ActivationOrdering> actorder, Optional<TorchDType> scaleDtype, TorchDType zpDtype,
        Optional<String> observer, Map<String, Object> observerKwargs) {

    private static final int DEFAULT_NUM_BITS = 8;
    private static final int FP4_BITS = 4;
    private static final Set<String> FIELDS = Set.of("num_bits", "type", "symmetric", "group_size",
            "strategy",
            "block_structure", "dynamic", "actorder", "scale_dtype", "zp_dtype", "observer",
            "observer_kwargs");
    private static final ObjectMapper MAPPER = new ObjectMapper();

    public QuantizationArgs {
        observerKwargs = Collections.unmodifiableMap(new LinkedHashMap<>(observerKwargs));
    }

    static QuantizationArgs read(JsonField args) {
        args.requireOnly(FIELDS);
        int numBits = numBits(args.get("num_bits"));
        JsonField typeField = args.get("type");
        QuantizationType type = typeField.isMissing()
                ? QuantizationType.INT
                : QuantizationType.read(typeField);
        OptionalInt groupSize = groupSize(args.get("group_size"));
        QuantizationStrategy strategy = strategy(args.get("strategy"), args.get("group_size"), groupSize);
        Optional<BlockStructure> blockStructure = optional(args.get("block_structure"))
                .map(BlockStructure::read);
        DynamicType dynamic = args.get("dynamic").isMissing()
                ? DynamicType.STATIC
                : DynamicType.read(args.get("dynamic"));
        Optional<ActivationOrdering> actorder = optional(args.get("actorder")).map(ActivationOrdering::read);

        if (type == QuantizationType.FLOAT && numBits != Byte.SIZE && numBits != FP4_BITS) {
            throw args.get("num_bits").refuse("4 or 8 for type float");
        }
        requireConsistent(args, strategy, groupSize, blockStructure.isPresent(), dynamic, actorder);
        return new QuantizationArgs(numBits, type,
                args.get("symmetric").isMissing() || args.get("symmetric").bool(), groupSize, strategy,
                blockStructure, dynamic, actorder, optional(args.get("scale_dtype")).map(TorchDType::read),
                optional(args.get("zp_dtype")).map(TorchDType::read)
                        .orElseGet(() -> zeroPointType(type, numBits)),
                observer(optional(args.get("observer")).map(JsonField::string), dynamic),
                observerKwargs(args.get("observer_kwargs")));
    }

    private static Optional<JsonField> optional(JsonField field) {
        return Optional.of(field).filter(JsonField::isPresent);
    }

    private static int numBits(JsonField field) {
        if (field.isMissing()) {
            return DEFAULT_NUM_BITS;
        }
        if (field.integer() < 1) {
            throw field.refuse("at least 1");
        }
        return field.integer();
    }

    private static OptionalInt groupSize(JsonField field) {
        if (!field.isPresent()) {
            return OptionalInt.empty();
        }
        if (field.integer() < -1) {
            throw invalidGroupSize(field);
        }
        return OptionalInt.of(field.integer());
    }

    private static RuntimeException invalidGroupSize(JsonField field) {
        return field.refuse("a positive size, or -1 for a channel (Invalid group size " + field.integer()
                + ". Use group_size > 0 for strategy='group' and group_size = -1 for 'channel')");
    }

    private static QuantizationStrategy strategy(JsonField field, JsonField groupSizeField,
            OptionalInt groupSize) {
        if (field.isPresent()) {
            return QuantizationStrategy.read(field);
        }
        if (groupSize.isEmpty()) {
            return QuantizationStrategy.TENSOR;
        }
        if (groupSize.getAsInt() == 0) {
            throw invalidGroupSize(groupSizeField);
        }
        return groupSize.getAsInt() > 0 ? QuantizationStrategy.GROUP : QuantizationStrategy.CHANNEL;
    }

    private static void requireConsistent(JsonField args, QuantizationStrategy strategy,
            OptionalInt groupSize,
            boolean hasBlockStructure, DynamicType dynamic, Optional<ActivationOrdering> actorder) {
        String name = strategy.jsonName();
        boolean hasGroupSize = groupSize.orElse(0) > 0;
        if (strategy == QuantizationStrategy.TOKEN && !dynamic.isDynamic()) {
            throw args.get("dynamic").error("false with strategy token",
                    "true (Cannot perform static token quantization, please use `dynamic=True`)");
        }
        if (strategy.hasGroups() && !hasGroupSize) {
            throw args.get("group_size").refuse("a positive size (strategy " + name
                    + " requires group_size to be set to a positive value)");
        }
        if (hasGroupSize && !strategy.hasGroups()) {
            throw args.get("strategy").error(name + " with group_size " + groupSize.getAsInt(),
                    "group (group_size requires strategy to be set to 'group')");
        }
        boolean hasBlockStrategy = strategy == QuantizationStrategy.BLOCK;
        if (hasBlockStrategy && !hasBlockStructure) {
            throw args.get("block_structure")
                    .refuse("[rows, cols] (Block strategy requires block structure)");
        }
        if (hasBlockStructure && !hasBlockStrategy) {
            throw args.get("strategy").error(name + " with a block_structure",
                    "block (Block structure requires block strategy)");
        }
        if (actorder.equals(Optional.of(ActivationOrdering.GROUP)) && !strategy.hasGroups()) {
            throw args.get("actorder").error("group with strategy " + name,
                    "strategy group or tensor_group (Must"
                            + " use group or tensor_group quantization strategy in order to apply group activation ordering)");
        }
        if (dynamic.isDynamic() && !strategy.hasGroups() && strategy != QuantizationStrategy.TOKEN
                && strategy != QuantizationStrategy.TENSOR) {
            throw args.get("strategy").error(name + ", dynamic",
                    "token, tensor, tensor_group or group for dynamic quantization");
        }
        if (dynamic == DynamicType.LOCAL && strategy != QuantizationStrategy.TENSOR_GROUP) {
            throw args.get("dynamic").error("local with strategy " + name,
                    "tensor_group (local is only supported for strategy tensor_group)");
        }
    }

    private static Optional<String> observer(Optional<String> given, DynamicType dynamic) {
        return switch (dynamic) {
            case DYNAMIC -> Optional.empty();
            case LOCAL -> Optional.of(given.orElse("minmax"));
            case STATIC -> Optional.of(given.orElse("memoryless_minmax"));
        };
    }

    private static TorchDType zeroPointType(QuantizationType type, int numBits) {
        if (type == QuantizationType.FLOAT) {
            return TorchDType.FLOAT8_E4M3FN;
        }
        return numBits <= Byte.SIZE
                ? TorchDType.INT8
                : numBits <= Short.SIZE ? TorchDType.INT16 : TorchDType.INT32;
    }

    private static Map<String, Object> observerKwargs(JsonField field) {
        if (field.isMissing()) {
            return Map.of();
        }
        return MAPPER.convertValue(field.object(), new TypeReference<Map<String, Object>>() {
        });
    }

    /** The same, with the range of values found by another observer. */
    public QuantizationArgs withObserver(String name, Map<String, Object> kwargs) {
        return new QuantizationArgs(numBits, type, symmetric, groupSize, strategy, blockStructure, dynamic,
                actorder, scaleDtype, zpDtype, Optional.of(name), kwargs);
    }

    /** The same, with another order of columns, or none. */
    public QuantizationArgs withActorder(Optional<ActivationOrdering> order) {
        return new QuantizationArgs(numBits, type, symmetric, groupSize, strategy, blockStructure, dynamic, order,
                scaleDtype, zpDtype, observer, observerKwargs);
    }

    /** As compressed-tensors writes it; zero points have a type only where there are any. */
    ObjectNode toJson() {
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        json.put("num_bits", numBits);
        json.put("type", type.jsonName());
        json.put("symmetric", symmetric);
        json.put("group_size", groupSize.isPresent() ? (Integer) groupSize.getAsInt() : null);
        json.put("strategy", strategy.jsonName());
        blockStructure.ifPresentOrElse(block -> {
            ArrayNode sizes = json.putArray("block_structure");
            sizes.add(block.rows()).add(block.columns());
        }, () -> json.putNull("block_structure"));
        json.set("dynamic", dynamic.toJson());
        json.put("actorder", actorder.map(JsonName::jsonName).orElse(null));
        json.put("scale_dtype", scaleDtype.map(JsonName::jsonName).orElse(null));
        json.put("zp_dtype", symmetric ? null : zpDtype.jsonName());
        json.put("observer", observer.orElse(null));
        json.set("observer_kwargs", MAPPER.valueToTree(observerKwargs));
        return json;
    }

    /** In Python's notation, as the peer's messages show it. */
    @Override
    public String toString() {
        return "QuantizationArgs(num_bits=" + numBits + ", type='" + type.jsonName() + "', symmetric="
                + python(symmetric) + ", group_size="
                + (groupSize.isPresent() ? groupSize.getAsInt() : "None")
                + ", strategy='" + strategy.jsonName() + "', block_structure="
                + blockStructure.map(block -> "[" + block.rows() + ", " + block.columns() + "]")
                        .orElse("None")
                + ", dynamic="
                + (dynamic == DynamicType.LOCAL
                        ? "<DynamicType.LOCAL: 'local'>"
                        : python(dynamic.isDynamic()))
                + ", actorder=" + actorder.map(order -> "'" + order.jsonName() + "'").orElse("None")
                + ", scale_dtype=" + scaleDtype.map(JsonName::jsonName).orElse("None") + ", zp_dtype="
                + zpDtype.jsonName() + ", observer=" + observer.map(name -> "'" + name + "'").orElse("None")
                + ", observer_kwargs=" + (observerKwargs.isEmpty() ? "{}" : Objects.toString(observerKwargs))
                + ")";
    }

    private static String python(boolean value) {
        return value ? "True" : "False";
    }
}
