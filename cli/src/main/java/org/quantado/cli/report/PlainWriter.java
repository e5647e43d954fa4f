package org.quantado.cli.report;

import java.io.FilterWriter;
import java.io.IOException;
import java.io.Writer;

import org.quantado.schemes.checkpoint.Escaped;

/** Lines of a report: line ends are kept, and all else that a terminal would obey is shown instead. */
final class PlainWriter extends FilterWriter {
    PlainWriter(Writer out) {
        super(out);
    }

    @Override
    public void write(String text, int offset, int length) throws IOException {
        for (String part : text.substring(offset, offset + length).splitWithDelimiters("\\R", 0)) {
            out.write(part.matches("\\R") ? part : Escaped.text(part));
        }
    }

    @Override
    public void write(char[] text, int offset, int length) throws IOException {
        write(new String(text, offset, length), 0, length);
    }

    @Override
    public void write(int c) throws IOException {
        write(String.valueOf((char) c), 0, 1);
    }
}
