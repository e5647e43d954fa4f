package org.quantado.cli.inspect;

import java.io.PrintWriter;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

import org.quantado.cli.report.Table;
import org.quantado.schemes.checkpoint.ByteSize;

/**
 * All layers of a checkpoint that run alike.
 *
 * @param runsAs what runs of them; {@value #NOTHING} where they are not quantized or no scheme runs them
 * @param layers how many
 * @param bytes of all their tensors
 * @param bitsPerWeight of them
 */
record SchemeSummary(String runsAs, int layers, long bytes, double bitsPerWeight) {
    private static final String NOTHING = "unquantized";

    static List<SchemeSummary> of(List<LayerRow> rows) {
        Map<String, SchemeSummary> summaries = new LinkedHashMap<>();
        for (LayerRow row : rows) {
            String name = row.runsAs() == null ? NOTHING : row.runsAs();
            summaries.merge(name, new SchemeSummary(name, 1, row.bytes(), row.bitsPerWeight()), SchemeSummary::plus);
        }
        return List.copyOf(summaries.values());
    }

    private SchemeSummary plus(SchemeSummary other) {
        double weights = weights() + other.weights();
        long sum = bytes + other.bytes;
        return new SchemeSummary(runsAs, layers + other.layers, sum, weights == 0 ? 0 : sum * Byte.SIZE / weights);
    }

    private double weights() {
        return bitsPerWeight == 0 ? 0 : bytes * Byte.SIZE / bitsPerWeight;
    }

    static void print(PrintWriter out, List<SchemeSummary> summaries) {
        if (summaries.isEmpty()) {
            return;
        }
        out.println();
        Table table = new Table("runs as", "layers", "size", "bits/weight");
        summaries.forEach(summary -> table.row(summary.runsAs, summary.layers, ByteSize.text(summary.bytes),
                String.format(Locale.ROOT, "%.2f", summary.bitsPerWeight)));
        table.print(out);
    }
}
