package org.quantado.cli.bench;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Stream;

import org.quantado.bench.Bench;
import org.quantado.bench.gptq.GptqBench;
import org.quantado.bench.model.ModelBench;
import org.quantado.bench.model.ModelShape;
import org.quantado.bench.workloads.MatmulBench;
import org.quantado.bench.workloads.MoeBench;
import org.quantado.bench.workloads.MoeShape;
import org.quantado.bench.Op;
import org.quantado.bench.workloads.QuantizeBench;
import org.quantado.bench.workloads.QuantizedFormat;
import org.quantado.bench.workloads.Routing;
import org.quantado.bench.workloads.RoutingBench;
import org.quantado.bench.workloads.WeightFormat;
import org.quantado.bench.workloads.WeightShape;
import org.quantado.cli.report.CommandException;
import org.quantado.cli.report.ExitCode;
import org.quantado.cli.report.Names;

import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Option;
import picocli.CommandLine.TypeConversionException;

/** Options that say what to measure. */
final class BenchOptions {
    private static final int MAX_SIZE = 1 << 20;
    /** Of a whole model: ids of a prompt, of an answer, and answers at once. */
    private static final int PROMPT = 512;
    private static final int ANSWER = 128;
    private static final int SEQUENCES = 8;

    @Option(names = "--op", split = ",", paramLabel = "OP", description = "What to measure: ${COMPLETION-CANDIDATES}; otherwise gemv (one row with a weight) and gemm (several).")
    private Set<Op> ops = EnumSet.of(Op.GEMV, Op.GEMM);

    @Option(names = "--format", split = ",", paramLabel = "FORMAT", converter = FormatName.class, completionCandidates = FormatNames.class, description = "Formats: ${COMPLETION-CANDIDATES}; otherwise all that the op has, and int4_g128 for model.")
    private List<String> formats;

    @Option(names = "--n", paramLabel = "N", description = "Outputs of the weight, or rows to be quantized, together with --k; otherwise some usual sizes.")
    private Integer outputs;

    @Option(names = "--k", paramLabel = "K", description = "Inputs.")
    private Integer inputs;

    @Option(names = "--batch", split = ",", paramLabel = "M", description = "Rows of x, or tokens; otherwise some from 1 to 512.")
    private List<Integer> batches;

    @Option(names = "--experts", split = ",", paramLabel = "E:K:H:I", converter = MoeShapeConverter.class, description = "Blocks of experts: how many, how many for a token, hidden and intermediate size; otherwise 64:6:2048:768 and 128:8:2048:768.")
    private List<MoeShape> blocks = MoeShape.SHAPES;

    @Option(names = "--model", split = ",", paramLabel = "MODEL", converter = ModelName.class, completionCandidates = ModelNames.class, description = "Sizes of models for --op model: ${COMPLETION-CANDIDATES}; otherwise all of them.")
    private List<ModelShape> models = ModelShape.USUAL;

    private static final class ModelNames implements Iterable<String> {
        @Override
        public Iterator<String> iterator() {
            return ModelShape.USUAL.stream().map(ModelShape::title).iterator();
        }
    }

    private static final class ModelName implements ITypeConverter<ModelShape> {
        @Override
        public ModelShape convert(String text) {
            return ModelShape.USUAL.stream().filter(shape -> shape.title().equalsIgnoreCase(text)).findFirst()
                    .orElseThrow(() -> new TypeConversionException("expected one of "
                            + String.join(", ", new ModelNames()) + " but was '" + text + "'"));
        }
    }

    private static final class FormatNames implements Iterable<String> {
        @Override
        public Iterator<String> iterator() {
            return formatNames().iterator();
        }
    }

    private static final class FormatName implements ITypeConverter<String> {
        @Override
        public String convert(String text) {
            String name = text.toLowerCase(Locale.ROOT);
            if (!formatNames().contains(name)) {
                throw new TypeConversionException(
                        "expected one of " + String.join(", ", formatNames()) + " but was '" + text + "'");
            }
            return name;
        }
    }

    private static final class MoeShapeConverter implements ITypeConverter<MoeShape> {
        private static final String FORM = "\\d{1,7}:\\d{1,7}:\\d{1,7}:\\d{1,7}";

        @Override
        public MoeShape convert(String text) {
            if (text.matches(FORM)) {
                int[] sizes = Arrays.stream(text.split(":")).mapToInt(Integer::parseInt).toArray();
                if (Arrays.stream(sizes).allMatch(BenchOptions::isSize) && sizes[1] <= sizes[0]) {
                    return new MoeShape(sizes[0], sizes[1], sizes[2], sizes[3]);
                }
            }
            throw new TypeConversionException("expected EXPERTS:EXPERTS_OF_A_TOKEN:HIDDEN:INTERMEDIATE, such as"
                    + " 64:6:2048:768, but was '" + text + "'");
        }
    }

    private static List<String> formatNames() {
        return Stream.concat(Arrays.stream(WeightFormat.values()).map(Names::of),
                Arrays.stream(QuantizedFormat.values()).map(Names::of)).distinct().toList();
    }

    /**
     * The whole models to be measured, if they are what was asked for.
     *
     * @throws CommandException if something else was asked for, too, or a format that no weights have
     */
    List<ModelBench> models(double seconds) {
        if (!ops.contains(Op.MODEL)) {
            return List.of();
        }
        if (ops.size() > 1) {
            throw badUsage("--op model goes with no other op: its table is another");
        }
        List<WeightFormat> wanted = formats == null ? List.of(WeightFormat.INT4_G128) : weightFormats();
        if (wanted.isEmpty()) {
            throw badUsage("nothing to measure: no weights of models have --format " + formats);
        }
        return models.stream().flatMap(shape -> wanted.stream()
                .map(format -> new ModelBench(shape, format, PROMPT, ANSWER, SEQUENCES, seconds))).toList();
    }

    /**
     * GPTQ of layers, if it is what was asked for.
     *
     * @throws CommandException if something else was asked for, too, or sizes that it has not
     */
    Optional<GptqBench> gptq(double seconds) {
        if (!ops.contains(Op.GPTQ)) {
            return Optional.empty();
        }
        if (ops.size() > 1) {
            throw badUsage("--op gptq goes with no other op: its table is another");
        }
        if (formats != null || batches != null) {
            throw badUsage("--format and --batch do not go with --op gptq: it measures 4 bits in groups of "
                    + GptqBench.GROUP + ", with 128 samples of 2048 tokens");
        }
        requireSizes();
        for (WeightShape shape : shapesOr(List.of())) {
            if (shape.inputs() % GptqBench.GROUP != 0) {
                throw badUsage("--k " + shape.inputs() + ": GPTQ is measured with a multiple of " + GptqBench.GROUP);
            }
        }
        return Optional.of(new GptqBench(shapesOr(GptqBench.SHAPES), seconds));
    }

    /**
     * What is to be measured.
     *
     * @throws CommandException if that is nothing, or of impossible size
     */
    List<Bench> benches() {
        requireSizes();
        List<Bench> benches = new ArrayList<>();
        if (ops.contains(Op.GEMV) || ops.contains(Op.GEMM)) {
            addProducts(benches);
        }
        if (ops.contains(Op.MOE)) {
            addBlocks(benches);
        }
        if (ops.contains(Op.QUANTIZE)) {
            addQuantized(benches);
        }
        if (ops.contains(Op.ROUTING)) {
            Stream.of(Routing.SOFTMAX, Routing.SIGMOID_GROUPED)
                    .forEach(routing -> benches.add(new RoutingBench(routing, batchesOr(RoutingBench.BATCHES))));
        }
        if (benches.isEmpty()) {
            throw badUsage("nothing to measure: no --op of " + ops.stream().map(Names::of).toList()
                    + " is for --format " + wantedFormats() + " and --batch " + batchesOr(List.of()));
        }
        return benches;
    }

    /**
     * The only weight to be measured, if one was asked for.
     *
     * @throws CommandException if it is of impossible size
     */
    Optional<WeightShape> shape() {
        requireSizes();
        return shapesOr(List.of()).stream().findFirst();
    }

    private void addProducts(List<Bench> benches) {
        Predicate<Integer> wanted = batch -> ops.contains(batch == 1 ? Op.GEMV : Op.GEMM);
        List<Integer> products = batchesOr(MatmulBench.BATCHES).stream().filter(wanted).toList();
        if (products.isEmpty()) {
            return;
        }
        for (WeightFormat format : weightFormats()) {
            for (WeightShape shape : shapesOr(WeightShape.TRANSFORMER)) {
                benches.add(new MatmulBench(format, shape, products));
            }
        }
    }

    private void addBlocks(List<Bench> benches) {
        for (WeightFormat format : weightFormats()) {
            for (MoeShape block : blocks) {
                benches.add(new MoeBench(format, block, batchesOr(MoeBench.BATCHES)));
            }
        }
    }

    private void addQuantized(List<Bench> benches) {
        for (QuantizedFormat format : QuantizedFormat.values()) {
            if (wantedFormats().contains(Names.of(format))) {
                for (WeightShape shape : shapesOr(QuantizeBench.SHAPES)) {
                    if (shape.inputs() % format.groupSize() != 0) {
                        throw badUsage("--k " + shape.inputs() + ": " + Names.of(format) + " needs a multiple of "
                                + format.groupSize());
                    }
                    benches.add(new QuantizeBench(format, shape.outputs(), shape.inputs()));
                }
            }
        }
    }

    private List<String> wantedFormats() {
        return formats == null ? formatNames() : formats;
    }

    private List<WeightFormat> weightFormats() {
        return Arrays.stream(WeightFormat.values()).filter(format -> wantedFormats().contains(Names.of(format)))
                .toList();
    }

    private List<WeightShape> shapesOr(List<WeightShape> usual) {
        return outputs == null ? usual : List.of(new WeightShape(outputs, inputs));
    }

    private List<Integer> batchesOr(List<Integer> usual) {
        return batches == null ? usual : batches;
    }

    private void requireSizes() {
        if (outputs == null != (inputs == null)) {
            throw badUsage("--n and --k go together");
        }
        if (outputs != null && !(isSize(outputs) && isSize(inputs))) {
            throw badUsage(
                    "--n, --k: found " + outputs + " and " + inputs + ", expected numbers from 1 to " + MAX_SIZE);
        }
        if (!batchesOr(List.of()).stream().allMatch(BenchOptions::isSize)) {
            throw badUsage("--batch: found " + batches + ", expected numbers from 1 to " + MAX_SIZE);
        }
        long largestBatch = batchesOr(MatmulBench.BATCHES).stream().mapToInt(Integer::intValue).max().orElse(1);
        for (WeightShape shape : shapesOr(List.of())) {
            requireElements("--n x --k", (long) shape.outputs() * shape.inputs());
            requireElements("--batch x --n or --k", largestBatch * Math.max(shape.outputs(), shape.inputs()));
        }
        for (MoeShape block : blocks) {
            requireElements("--experts", 2L * block.intermediate() * block.experts() * block.hidden());
            requireElements("--batch x --experts", largestBatch * block.topK() * block.hidden());
        }
    }

    private static void requireElements(String sizes, long found) {
        if (found > Integer.MAX_VALUE) {
            throw badUsage(sizes + ": found " + found + " elements, expected at most " + Integer.MAX_VALUE);
        }
    }

    private static boolean isSize(int size) {
        return size >= 1 && size <= MAX_SIZE;
    }

    private static CommandException badUsage(String message) {
        return new CommandException(ExitCode.BAD_USAGE, message);
    }
}
