package org.quantado.schemes.cluster;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What one process of a cluster did.
 *
 * @param worker the process, with the name of its machine
 * @param tasks that it did
 * @param work how much, in the unit of those who count
 * @param seconds of all its tasks together; those that run at the same time each count
 */
public record WorkerRate(String worker, int tasks, long work, double seconds) {
    private static final double NANOS_PER_SECOND = 1e9;

    /** How much it did in a second of a task. */
    public double perSecond() {
        return seconds == 0 ? 0 : work / seconds;
    }

    /** Adds up what processes do. Not thread-safe. */
    public static final class Sums {
        private final Map<String, WorkerRate> rates = new LinkedHashMap<>();

        /** Adds a task. */
        public void add(TaskResult<?> result, long work) {
            rates.merge(result.worker(),
                    new WorkerRate(result.worker(), 1, work, result.nanos() / NANOS_PER_SECOND),
                    (sum, task) -> new WorkerRate(sum.worker, sum.tasks + 1, sum.work + task.work,
                            sum.seconds + task.seconds));
        }

        /** One for each process, in the order in which they finished a first task. */
        public List<WorkerRate> rates() {
            return new ArrayList<>(rates.values());
        }
    }
}
