package org.quantado.models.evaluate;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntConsumer;

import org.quantado.models.SharedModel;
import org.quantado.schemes.cluster.Cluster;
import org.quantado.schemes.cluster.WorkerRate;

/**
 * How likely a text was to a model of which each process of a cluster opened one.
 *
 * @param likelihood the same to the last bit as by one process
 * @param workers how many ids each process predicted
 */
public record ClusterEvaluation(Likelihood likelihood, List<WorkerRate> workers) {
    /** Windows that a process takes at a time: few enough to be shared evenly, and to be lost with a machine. */
    private static final int WINDOWS_PER_TASK = 4;

    public ClusterEvaluation {
        workers = List.copyOf(workers);
    }

    /**
     * Lets the processes of a cluster predict windows of a text.
     *
     * @param windows ids, at least two each
     * @param progress told of ids that were predicted
     * @throws IOException if a task failed wherever it was tried
     */
    public static ClusterEvaluation of(Cluster cluster, SharedModel model, List<int[]> windows, IntConsumer progress)
            throws IOException {
        List<WindowTask> tasks = new ArrayList<>();
        for (int first = 0; first < windows.size(); first += WINDOWS_PER_TASK) {
            tasks.add(new WindowTask(first,
                    new ArrayList<>(windows.subList(first, Math.min(windows.size(), first + WINDOWS_PER_TASK)))));
        }
        double[] nll = new double[windows.size()];
        WorkerRate.Sums rates = new WorkerRate.Sums();
        cluster.run("Reading " + windows.size() + " windows", new PredictingModel.Opened(model), tasks, result -> {
            WindowTask task = tasks.get(result.task());
            double[] done = result.value();
            System.arraycopy(done, 0, nll, task.first(), done.length);
            int predicted = task.windows().stream().mapToInt(window -> window.length - 1).sum();
            rates.add(result, predicted);
            progress.accept(predicted);
        });
        LikelihoodSum sum = new LikelihoodSum();
        for (int window = 0; window < nll.length; window++) {
            sum.add(windows.get(window).length - 1, nll[window]);
        }
        return new ClusterEvaluation(sum.likelihood(), rates.rates());
    }
}
