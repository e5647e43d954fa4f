package org.quantado.examples.generate;

import java.io.PrintStream;
import java.nio.file.Path;
import java.util.List;

import org.quantado.models.TextModel;
import org.quantado.models.generate.Answer;
import org.quantado.models.generate.GenerationRequest;
import org.quantado.models.generate.Sampling;

/** Goes on with a text, printing it as it comes. */
public final class Generate {
    private static final int MOST_TOKENS = 64;

    private Generate() {
    }

    /** @param arguments folder of a model, and the text */
    public static void main(String[] arguments) {
        if (arguments.length != 2) {
            throw new IllegalArgumentException("expected MODEL TEXT");
        }
        try (TextModel model = TextModel.open(Path.of(arguments[0]))) {
            generate(model, arguments[1], MOST_TOKENS, System.out);
        }
    }

    static Answer generate(TextModel model, String text, int mostTokens, PrintStream out) {
        GenerationRequest request = new GenerationRequest(Sampling.GREEDY, mostTokens, model.stopIds(), List.of());
        Answer answer = model.generate(text, request, piece -> {
            out.print(piece);
            out.flush();
        });
        out.println();
        return answer;
    }
}
