package org.quantado.kernels.experts;

import org.quantado.kernels.graph.LayerGraph;
import org.quantado.kernels.graph.Rows;
import org.quantado.kernels.matmul.Flavour;

import uk.ac.manchester.tornado.api.common.TaskPackage;

/**
 * What becomes of a gate g and up u: {@code (u' + upOffset) * gate(g')} with {@code g' = min(g, limit)} and
 * {@code u' = clamp(u, -limit, limit)}.
 *
 * @param gate what becomes of the gate
 * @param alpha steepness of the sigmoid, where the gate is one
 * @param limit largest gate, and largest magnitude of up; the largest float for none
 * @param upOffset added to up
 */
public record GatedActivation(Gate gate, float alpha, float limit, float upOffset) {
    /** {@code silu(g) * u}. */
    public static final GatedActivation SILU = new GatedActivation(Gate.SIGMOID, 1.0f, Float.MAX_VALUE, 0.0f);
    /** {@code gelu(g) * u}, gelu by the error function. */
    public static final GatedActivation GELU = new GatedActivation(Gate.GELU, 1.0f, Float.MAX_VALUE, 0.0f);
    /** {@code gelu(g) * u}, gelu as approximated by the hyperbolic tangent. */
    public static final GatedActivation GELU_TANH = new GatedActivation(Gate.GELU_TANH, 1.0f, Float.MAX_VALUE, 0.0f);
    /** Of gpt-oss, with gates and ups in two halves. */
    public static final GatedActivation SWIGLU_OAI = new GatedActivation(Gate.SIGMOID, 1.702f, 7.0f, 1.0f);

    /** Functions of gates. */
    public enum Gate {
        /** {@code g / (1 + exp(-alpha g))}. */
        SIGMOID(0),
        /** {@code g / 2 * (1 + erf(g / sqrt(2)))}. */
        GELU(1),
        /** {@code g / 2 * (1 + tanh(sqrt(2 / pi) * (g + 0.044715 g^3)))}. */
        GELU_TANH(2);

        /** How kernels are told of it. */
        private final int number;

        Gate(int number) {
            this.number = number;
        }
    }

    /**
     * Adds the activation of rows.
     *
     * @param gateUp {@code [M, 2I]}, gates and then ups, on the device
     * @param activated {@code [M, I]}; its shape says how many rows there are, on the device
     * @param flavour by which its kernel is chosen
     */
    public void addTo(LayerGraph graph, String task, Rows gateUp, Rows activated, Flavour flavour) {
        if (gateUp.width() != 2 * activated.width()) {
            throw new IllegalArgumentException(
                    "gates and ups of " + gateUp.width() + " for activations of " + activated.width());
        }
        graph.task(TaskPackage.createPackage(task,
                flavour == Flavour.HOST ? HostExperts::activate : GateKernels::activate, gateUp.values(),
                activated.shape(),
                activated.values(), gate.number, alpha, limit, upOffset), activated.width(), activated.capacity());
    }
}
