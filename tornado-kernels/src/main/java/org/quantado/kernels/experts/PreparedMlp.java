package org.quantado.kernels.experts;

import java.util.List;
import java.util.Optional;

import org.quantado.kernels.graph.LayerGraph;
import org.quantado.kernels.graph.RowCounts;
import org.quantado.kernels.graph.Rows;
import org.quantado.kernels.matmul.Flavour;
import org.quantado.kernels.matmul.FlavourChoice;
import org.quantado.kernels.matmul.Matmul;
import org.quantado.kernels.matmul.RowBlocks;
import org.quantado.kernels.quantize.Nvfp4BlockQuantizer;
import org.quantado.kernels.quantize.Quantizer;

import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/**
 * Experts whose weights are in the layout of a flavour, and the tasks that make them a part of any graph. The MLPs of layers
 * that are alike are such experts, too.
 */
public final class PreparedMlp {
    private final int experts;
    private final int hidden;
    private final int intermediate;
    private final GatedActivation activation;
    private final Flavour flavour;
    private final Optional<Quantizer> inputQuantizer;
    private final Optional<Quantizer> activationQuantizer;
    private final Matmul gateUp;
    private final Matmul down;

    public PreparedMlp(ExpertMlp mlp, FlavourChoice flavour) {
        this.experts = mlp.experts();
        this.hidden = mlp.hidden();
        this.intermediate = mlp.intermediate();
        this.activation = mlp.activation();
        this.flavour = flavour.flavour();
        this.inputQuantizer = mlp.inputQuantizer();
        this.activationQuantizer = mlp.activationQuantizer();
        this.gateUp = flavour.prepare(mlp.gateUp());
        this.down = flavour.prepare(mlp.down());
    }

    /** Number of experts here, L. */
    int experts() {
        return experts;
    }

    /** H. */
    int hidden() {
        return hidden;
    }

    /** The products with weights, which a graph must have on the device. */
    public List<Matmul> matmuls() {
        return List.of(gateUp, down);
    }

    /** How many rows of an expert are best multiplied together, if it gets about so many. */
    int rowsPerBlock(int expectedRows) {
        return Math.max(gateUp.rowsPerBlock(expectedRows), down.rowsPerBlock(expectedRows));
    }

    /** Whether inputs are quantized in a way that depends on the expert. */
    boolean quantizesForExperts() {
        return inputQuantizer.filter(Nvfp4BlockQuantizer.class::isInstance).isPresent();
    }

    /** Rows of x as they are multiplied, whatever the expert: quantized, where they are to be. */
    Rows quantizedInput(LayerGraph graph, String stage, Rows x) {
        return inputQuantizer.map(some -> some.addTo(graph, stage + "Input", x, false).values()).orElse(x);
    }

    /** Rows of x as they are multiplied by the experts of their blocks. */
    Rows quantizedInput(LayerGraph graph, String stage, Rows x, RowBlocks blocks) {
        return quantized(graph, stage + "Input", x, blocks, inputQuantizer);
    }

    /**
     * Adds the MLP of a layer to a graph that has the weights on the device.
     *
     * @param x {@code [M, H]}, on the device
     * @param blocks single rows, and the layer that each belongs to, which is the same for all
     * @return {@code [M, H]}
     */
    public Rows addLayerTo(LayerGraph graph, String stage, Rows x, RowBlocks blocks, MlpReader reader) {
        Between between = between(x.capacity());
        RowCounts.addTo(graph, stage + "Rows", x, between.shapes());
        return addTo(graph, stage, quantizedInput(graph, stage, x), blocks.withRows(rowsPerBlock(x.capacity())),
                between, reader);
    }

    /**
     * What is between the products.
     *
     * @param gatesAndUps {@code [M, 2I]}
     * @param activated {@code [M, I]}
     */
    record Between(Rows gatesAndUps, Rows activated) {
        List<IntArray> shapes() {
            return List.of(gatesAndUps.shape(), activated.shape());
        }
    }

    /** Room for what is between the products of so many rows. */
    Between between(int capacity) {
        return new Between(Rows.allocate(capacity, 2 * intermediate), Rows.allocate(capacity, intermediate));
    }

    /**
     * Adds {@code down(activation(gateUp(x)))} to a graph that has the weights on the device.
     *
     * @param stage prefix of the tasks' names
     * @param x {@code [M, H]}, of {@link #quantizedInput}; its shape is on the device
     * @param blocks of {@link #rowsPerBlock} rows for some number, and the expert of each
     * @param between as many rows; their shapes are on the device
     * @return {@code [M, H]}
     */
    Rows addTo(LayerGraph graph, String stage, Rows x, RowBlocks blocks, Between between, MlpReader reader) {
        Rows gatesAndUps = between.gatesAndUps;
        Rows activated = between.activated;
        Rows results = x.with(new FloatArray(Math.multiplyExact(x.capacity(), x.width())));
        gateUp.addTo(graph, stage + "GateUp", x, blocks, gatesAndUps);
        reader.gatesAndUps(gatesAndUps);
        activation.addTo(graph, stage + "Activate", gatesAndUps, activated, flavour);
        reader.activated(activated);
        Rows activations = quantized(graph, stage + "Activated", activated, blocks, activationQuantizer);
        down.addTo(graph, stage + "Down", activations, blocks, results);
        reader.results(results);
        return results;
    }

    private static Rows quantized(LayerGraph graph, String stage, Rows rows, RowBlocks blocks,
            Optional<Quantizer> quantizer) {
        return quantizer.map(some -> some.addTo(graph, stage, rows, blocks.weightBlocks(), blocks.rows()).values())
                .orElse(rows);
    }
}
