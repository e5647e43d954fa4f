package org.quantado.schemes.config;

import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The tile of a weight that shares a scale.
 *
 * @param rows output features
 * @param columns input features
 */
public record BlockStructure(int rows, int columns) {
    private static final Pattern ROWS_X_COLUMNS = Pattern.compile("(\\d{1,9})x(\\d{1,9})");

    /** Reads {@code [rows, columns]}. */
    public static BlockStructure read(JsonField field) {
        int rows;
        int columns;
        if (field.node().isTextual()) {
            Matcher text = ROWS_X_COLUMNS.matcher(field.string());
            if (!text.matches()) {
                throw invalid(field);
            }
            rows = Integer.parseInt(text.group(1));
            columns = Integer.parseInt(text.group(2));
        } else {
            List<JsonField> sizes = field.elements();
            if (sizes.size() != 2) {
                throw invalid(field);
            }
            rows = sizes.get(0).integer();
            columns = sizes.get(1).integer();
        }
        if (rows <= 0 || columns <= 0) {
            throw invalid(field);
        }
        return new BlockStructure(rows, columns);
    }

    private static RuntimeException invalid(JsonField field) {
        return field.error("an invalid block_structure", "a list of positive ints [rows, cols]");
    }
}
