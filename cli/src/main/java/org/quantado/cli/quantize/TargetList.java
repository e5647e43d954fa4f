package org.quantado.cli.quantize;

import java.util.ArrayList;
import java.util.List;

import org.quantado.schemes.config.Target;

import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/**
 * Layers as they are given on the command line: names, {@code re:} expressions or class names with commas between them.
 * A comma within brackets belongs to an expression.
 *
 * @param targets in order
 */
record TargetList(List<Target> targets) {
    private static final String OPENING = "([{";
    private static final String CLOSING = ")]}";

    static TargetList parse(String text) {
        List<Target> targets = new ArrayList<>();
        int depth = 0;
        int start = 0;
        for (int i = 0; i <= text.length(); i++) {
            char c = i == text.length() ? ',' : text.charAt(i);
            depth += OPENING.indexOf(c) >= 0 ? 1 : CLOSING.indexOf(c) >= 0 ? -1 : 0;
            if (i == text.length() || (c == ',' && depth == 0)) {
                String target = text.substring(start, i).strip();
                if (!target.isEmpty()) {
                    targets.add(target(target));
                }
                start = i + 1;
            }
        }
        return new TargetList(targets);
    }

    private static Target target(String text) {
        try {
            return Target.of(text);
        } catch (IllegalArgumentException e) {
            throw new TypeConversionException("found '" + text + "', expected a name, or re: and a regular expression ("
                    + e.getMessage() + ")");
        }
    }

    /** For picocli. */
    static final class Converter implements ITypeConverter<TargetList> {
        @Override
        public TargetList convert(String text) {
            return parse(text);
        }
    }
}
