package org.quantado.cli.report;

import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;

import org.quantado.schemes.checkpoint.Escaped;

/**
 * Rows of text under headings, aligned: numbers to the right, the rest to the left. What is in a cell is on one line, and
 * nothing in it reaches the terminal unseen.
 */
public final class Table {
    private static final String GAP = "  ";

    private final List<String> headings;
    private final List<List<String>> rows = new ArrayList<>();

    public Table(String... headings) {
        this.headings = List.of(headings);
    }

    public Table row(Object... cells) {
        if (cells.length != headings.size()) {
            throw new IllegalArgumentException(cells.length + " cells for " + headings.size() + " columns");
        }
        rows.add(Arrays.stream(cells).map(String::valueOf).map(Escaped::text).toList());
        return this;
    }

    public void print(PrintWriter out) {
        int[] widths = new int[headings.size()];
        boolean[] numeric = new boolean[headings.size()];
        for (int column = 0; column < widths.length; column++) {
            int index = column;
            List<String> cells = rows.stream().map(row -> row.get(index)).toList();
            numeric[column] = cells.stream().allMatch(Table::isNumeric);
            widths[column] = Stream.concat(cells.stream(), Stream.of(headings.get(column)))
                    .mapToInt(String::length).max().orElseThrow();
        }
        printLine(out, headings, widths, numeric);
        rows.forEach(row -> printLine(out, row, widths, numeric));
    }

    private static void printLine(PrintWriter out, List<String> cells, int[] widths, boolean[] numeric) {
        StringBuilder line = new StringBuilder();
        for (int column = 0; column < widths.length; column++) {
            String cell = cells.get(column);
            String padding = " ".repeat(widths[column] - cell.length());
            line.append(column == 0 ? "" : GAP).append(numeric[column] ? padding + cell : cell + padding);
        }
        out.println(line.toString().stripTrailing());
    }

    private static boolean isNumeric(String cell) {
        return cell.isEmpty() || "-0123456789".indexOf(cell.charAt(0)) >= 0;
    }
}
