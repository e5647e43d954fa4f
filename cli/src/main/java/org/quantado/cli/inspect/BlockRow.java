package org.quantado.cli.inspect;

import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

import org.quantado.cli.report.Table;
import org.quantado.moe.MoeSpec;
import org.quantado.moe.model.MoeLayer;
import org.quantado.moe.model.MoeLayers;
import org.quantado.schemes.checkpoint.ByteSize;
import org.quantado.schemes.checkpoint.CheckpointException;
import org.quantado.schemes.linear.SchemeException;
import org.quantado.schemes.model.Model;

/**
 * A block of experts of a checkpoint.
 *
 * @param name full name, which the command run takes
 * @param experts how many it has
 * @param topK experts of a token; absent where there is a problem
 * @param hidden features of a token; absent where there is a problem
 * @param intermediate features between an expert's matrices; absent where there is a problem
 * @param bytes of all its tensors
 * @param method that runs it; absent where there is a problem
 * @param problem what is wrong with it
 */
record BlockRow(String name, int experts, Integer topK, Integer hidden, Integer intermediate, long bytes, String method,
        String problem) {
    /** All blocks, with what is wrong with them. */
    static List<BlockRow> of(Model model, List<String> problems) {
        List<BlockRow> rows = new ArrayList<>();
        try {
            for (MoeLayer layer : MoeLayers.of(model)) {
                BlockRow row = of(layer);
                rows.add(row);
                Optional.ofNullable(row.problem).filter(problem -> !problems.contains(problem))
                        .ifPresent(problems::add);
            }
        } catch (CheckpointException e) {
            problems.add(e.getMessage());
        }
        return rows;
    }

    private static BlockRow of(MoeLayer layer) {
        try {
            layer.check();
            MoeSpec spec = layer.spec();
            return new BlockRow(layer.name(), layer.experts(), spec.router().topK(), spec.hidden(), spec.intermediate(),
                    layer.bytes(), layer.method(Optional.empty()).name(), null);
        } catch (CheckpointException | SchemeException e) {
            return new BlockRow(layer.name(), layer.experts(), null, null, null, layer.bytes(), null, e.getMessage());
        }
    }

    static void print(PrintWriter out, List<BlockRow> rows, boolean all) {
        if (rows.isEmpty()) {
            return;
        }
        out.println();
        Table table = new Table("block of experts", "blocks", "experts", "per token", "hidden", "intermediate", "size",
                "method");
        for (Alike<BlockRow> alike : all
                ? rows.stream().map(row -> new Alike<>(row.name, List.of(row))).toList()
                : Alike.of(rows, BlockRow::name, BlockRow::rest)) {
            BlockRow row = alike.first();
            table.row(alike.name(), alike.rows().size(), row.experts, shown(row.topK), shown(row.hidden),
                    shown(row.intermediate), ByteSize.text(row.bytes),
                    row.method == null ? "none: see the problem" : row.method);
        }
        table.print(out);
    }

    private Object rest() {
        return List.of(experts, shown(topK), shown(hidden), shown(intermediate), bytes, String.valueOf(method));
    }

    private static Object shown(Integer value) {
        return value == null ? "" : value;
    }
}
