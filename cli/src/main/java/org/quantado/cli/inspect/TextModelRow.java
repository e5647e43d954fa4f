package org.quantado.cli.inspect;

import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.Locale;
import java.util.OptionalInt;

import org.quantado.cli.report.Names;
import org.quantado.kernels.attention.KvFormat;
import org.quantado.models.ModelOptions;
import org.quantado.models.decoder.DecoderOutline;
import org.quantado.models.decoder.Loading;
import org.quantado.models.text.Tokenizer;
import org.quantado.schemes.checkpoint.ByteSize;
import org.quantado.schemes.checkpoint.CheckpointException;
import org.quantado.schemes.checkpoint.Escaped;
import org.quantado.schemes.linear.SchemeException;
import org.quantado.schemes.model.Model;

/**
 * Whether a whole model gives text, and what memory it takes.
 *
 * @param runsAsText whether it does
 * @param hindrance why not; null if it does
 * @param memory null where the model is not described, or does not fit its description
 */
record TextModelRow(boolean runsAsText, String hindrance, Memory memory) {
    /**
     * What a model takes.
     *
     * @param weightBytes as the checkpoint has them; the kernels' layout may take half as much again
     * @param cacheFormat what keys and values are kept as
     * @param cacheBytes of the keys and values of a sequence
     * @param context tokens of a sequence
     * @param largestContext that the model allows
     */
    record Memory(long weightBytes, String cacheFormat, long cacheBytes, int context, int largestContext) {
    }

    /**
     * Looks at a model whose config says what type it is of.
     *
     * @param context tokens that there is to be room for
     * @throws org.quantado.models.decoder.InputException if the model does not allow that many
     */
    static TextModelRow of(Path folder, Model model, OptionalInt context) {
        DecoderOutline outline;
        try {
            outline = DecoderOutline.of(model, Loading.AS_IS);
        } catch (CheckpointException | SchemeException e) {
            return new TextModelRow(false, e.getMessage(), null);
        }
        int positions = outline.positions(context, ModelOptions.USUAL_CONTEXT);
        KvFormat format = outline.cacheFormat().orElse(KvFormat.F32);
        Memory memory = new Memory(outline.bytes(), Names.of(format), outline.cacheBytes(format, positions), positions,
                outline.spec().positions());
        try (Tokenizer tokenizer = Tokenizer.open(folder)) {
            tokenizer.requireFits(outline.spec().vocabulary());
            return new TextModelRow(true, null, memory);
        } catch (CheckpointException e) {
            return new TextModelRow(false, e.getMessage(), memory);
        }
    }

    void print(PrintWriter out) {
        out.println(runsAsText ? "Runs as text." : "Does not run as text: " + Escaped.text(hindrance));
        if (memory != null) {
            out.printf(Locale.ROOT, "Memory: weights %s, keys and values %s (%s) for a context of %d tokens of %d%n",
                    ByteSize.text(memory.weightBytes), ByteSize.text(memory.cacheBytes), memory.cacheFormat,
                    memory.context, memory.largestContext);
        }
    }
}
