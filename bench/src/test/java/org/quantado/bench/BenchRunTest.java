package org.quantado.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.withinPercentage;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.quantado.bench.workloads.MatmulBench;
import org.quantado.bench.workloads.MoeBench;
import org.quantado.bench.workloads.MoeShape;
import org.quantado.bench.workloads.QuantizeBench;
import org.quantado.bench.workloads.QuantizedFormat;
import org.quantado.bench.workloads.Routing;
import org.quantado.bench.workloads.RoutingBench;
import org.quantado.bench.workloads.WeightFormat;
import org.quantado.bench.workloads.WeightShape;
import org.quantado.kernels.graph.GraphTimes;
import org.quantado.kernels.graph.Profiled;

class BenchRunTest {
    private static final double SECONDS = 0.001;

    @Test
    void everyFormatOfWeightsIsCheckedAndMeasured() {
        List<Bench> benches = Stream.of(WeightFormat.values())
                .<Bench>map(format -> new MatmulBench(format, new WeightShape(40, 256), List.of(1, 5))).toList();
        List<Result> results = run(benches, 2 * WeightFormat.values().length);
        assertThat(results.getFirst().subject()).isEqualTo(new Subject(Op.GEMV, "mxfp4", Map.of("n", 40, "k", 256), 1));
        assertThat(results.getFirst().bytes()).isEqualTo(40 * 256 / 2 + 40 * 256 / 32);
        assertThat(results.getFirst().flop()).isEqualTo(2 * 40 * 256);
        assertThat(results.get(1).subject().op()).isEqualTo(Op.GEMM);
        assertThat(results.get(1).subject().rows()).isEqualTo(5);
    }

    @Test
    void everyFormatOfActivationsIsCheckedAndMeasured() {
        List<Bench> benches = Stream.of(QuantizedFormat.values())
                .<Bench>map(format -> new QuantizeBench(format, 9, 64)).toList();
        List<Result> results = run(benches, QuantizedFormat.values().length);
        assertThat(results).allSatisfy(result -> assertThat(result.error()).isZero());
        assertThat(results.getFirst().bytes()).isEqualTo(9 * (64 * Float.BYTES + 64 + 2));
    }

    @Test
    @Tag("device")
    void matricesAreQuantizedInSlices() {
        int inputs = 1 << 16;
        List<Result> results = run(List.of(new QuantizeBench(QuantizedFormat.INT8_TOKEN, 65, inputs)), 1);
        assertThat(results.getFirst().bytes()).isEqualTo(65L * (5 * inputs + Float.BYTES));
    }

    @Test
    void everyWayOfRoutingIsCheckedAndMeasured() {
        List<Result> results = run(List.of(new RoutingBench(Routing.SOFTMAX, List.of(1, 7)),
                new RoutingBench(Routing.SIGMOID_GROUPED, List.of(1, 7))), 4);
        assertThat(results.getFirst().bytes()).isEqualTo(Integer.BYTES * (128 + 3 * 8 + 129));
        assertThat(results).allSatisfy(result -> assertThat(result.flop()).isZero());
    }

    @Test
    void blocksOfExpertsAreCheckedAndMeasured() {
        MoeShape shape = new MoeShape(8, 2, 64, 32);
        List<Result> results = run(List.of(new MoeBench(WeightFormat.MXFP4, shape, List.of(1, 40))), 2);
        long expert = WeightFormat.MXFP4.checkpointBytes(64, 64) + WeightFormat.MXFP4.checkpointBytes(64, 32);
        assertThat(results).extracting(Result::bytes).containsExactly(2 * expert, 8 * expert);
        assertThat(results.getFirst().flop()).isEqualTo(2 * 2 * 3 * 64 * 32 + 2 * 8 * 64);
    }

    @Test
    void aWrongResultIsNotMeasured() {
        List<Subject> measured = new ArrayList<>();
        Bench wrong = meter -> meter.measure(new Workload(new Subject(Op.GEMV, "wrong", Map.of("n", 1), 1),
                new Work(1, 1, 1), () -> {
                }, new Unprofiled(), () -> Double.NaN, 1));
        assertThatThrownBy(
                () -> new BenchRun(List.of(wrong), SECONDS).run(result -> measured.add(result.subject())))
                .isInstanceOf(WrongResultException.class).hasMessageContainingAll("GEMV wrong {n=1}", "NaN");
        assertThat(measured).isEmpty();
    }

    private static List<Result> run(List<Bench> benches, int expected) {
        List<Result> seen = new ArrayList<>();
        Measurements measured = new BenchRun(benches, SECONDS).run(seen::add);
        assertThat(measured.peaks().readBytesPerSecond()).isPositive();
        assertThat(measured.peaks().flopPerSecond()).isPositive();
        assertThat(seen).isEqualTo(measured.results()).hasSize(expected).allSatisfy(result -> {
            assertThat(result.kernels().best()).isPositive();
            assertThat(result.wall().repetitions()).isGreaterThanOrEqualTo(4);
            assertThat(result.bytesPerSecond()).isCloseTo(result.bytes() * 1e9 / result.wall().best(),
                    withinPercentage(1));
            assertThat(result.extraBytes()).isNotNegative();
        });
        return seen;
    }

    /** Takes no time. */
    private static final class Unprofiled implements Profiled {
        @Override
        public void profile(boolean on) {
            // there is nothing to be profiled
        }

        @Override
        public GraphTimes takeTimes() {
            return GraphTimes.NONE;
        }
    }
}
