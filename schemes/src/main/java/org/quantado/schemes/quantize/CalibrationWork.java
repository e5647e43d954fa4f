package org.quantado.schemes.quantize;

import org.quantado.schemes.cluster.Cluster;
import org.quantado.schemes.cluster.Place;
import org.quantado.schemes.cluster.WorkerRate;

/** What a {@link Calibrator} has to do, and who does it. */
public final class CalibrationWork {
    private final PlannedInput input;
    private final Place<PlannedInput> place;
    private final FinishedLayers finished;
    private final Cluster cluster;
    private final WorkerRate.Sums samples;
    private final WorkerRate.Sums weights;
    private final QuantizationProgress progress;

    /**
     * @param place makes the input on any machine
     * @param samples to which is added what processes run through layers
     * @param weights to which is added what processes quantize, in bytes
     */
    CalibrationWork(PlannedInput input, Place<PlannedInput> place, FinishedLayers finished, Cluster cluster,
            WorkerRate.Sums samples, WorkerRate.Sums weights, QuantizationProgress progress) {
        this.input = input;
        this.place = place;
        this.finished = finished;
        this.cluster = cluster;
        this.samples = samples;
        this.weights = weights;
        this.progress = progress;
    }

    /** What is to be quantized. */
    public PlannedInput input() {
        return input;
    }

    /** Makes the same on any machine. */
    public Place<PlannedInput> place() {
        return place;
    }

    /** Those who work: this process, or the processes of a cluster. */
    public Cluster cluster() {
        return cluster;
    }

    /** What was finished so far, and what comes to it. */
    public FinishedLayers finished() {
        return finished;
    }

    /** How many samples each process has run through layers. */
    public WorkerRate.Sums samples() {
        return samples;
    }

    /** How many bytes of weights each process has quantized. */
    public WorkerRate.Sums weights() {
        return weights;
    }

    /** Tells the user something. */
    public void warn(String sentence) {
        progress.warn(sentence);
    }
}
