package org.quantado.kernels.experts;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.function.DoubleUnaryOperator;

import org.apache.commons.math3.special.Erf;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.quantado.kernels.graph.GraphPlan;
import org.quantado.kernels.graph.Rows;
import org.quantado.kernels.matmul.Flavour;

/** Gates from -12 to 12, against float64. */
@Tag("device")
class GatedActivationTest {
    private static final int GATES = 481;

    @Test
    void silu() {
        check(GatedActivation.SILU, gate -> gate / (1 + Math.exp(-gate)));
    }

    @Test
    void gelu() {
        check(GatedActivation.GELU, gate -> gate / 2 * Erf.erfc(-gate / Math.sqrt(2)));
    }

    @Test
    void geluByTanh() {
        check(GatedActivation.GELU_TANH, gate -> gate / 2
                * (1 + Math.tanh(Math.sqrt(2 / Math.PI) * (gate + 0.044715 * gate * gate * gate))));
    }

    @Test
    void ofGptOss() {
        check(GatedActivation.SWIGLU_OAI, gate -> {
            double limited = Math.min(gate, 7);
            return limited / (1 + Math.exp(-1.702f * limited)) * 1.5 / 0.5;
        });
    }

    private static void check(GatedActivation activation, DoubleUnaryOperator gate) {
        Arrays.stream(Flavour.values()).filter(flavour -> flavour.hindrance().isEmpty())
                .forEach(flavour -> check(activation, gate, flavour));
    }

    private static void check(GatedActivation activation, DoubleUnaryOperator gate, Flavour flavour) {
        Rows gateUp = Rows.allocate(1, 2 * GATES);
        Rows activated = Rows.allocate(1, GATES);
        for (int i = 0; i < GATES; i++) {
            gateUp.values().set(i, i / 20f - 12);
            gateUp.values().set(GATES + i, 0.5f);
        }
        activated.setCount(1);
        try (GraphPlan plan = GraphPlan.of("tested", graph -> {
            graph.inputs(gateUp.values(), activated.shape());
            activation.addTo(graph, "activate", gateUp, activated, flavour);
            graph.outputs(activated.values());
        })) {
            plan.execute();
        }
        for (int i = 0; i < GATES; i++) {
            double expected = 0.5 * gate.applyAsDouble(gateUp.values().get(i));
            assertThat((double) activated.values().get(i)).as("gate %s, %s", gateUp.values().get(i), flavour).isCloseTo(
                    expected,
                    within(1e-6 * Math.max(1, Math.abs(expected))));
        }
    }
}
