package org.quantado.examples.chat;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.Charset;
import java.nio.file.Path;
import java.util.List;

import org.quantado.models.TextModel;
import org.quantado.models.generate.Conversation;
import org.quantado.models.generate.GenerationRequest;
import org.quantado.models.text.ChatMessage;

/** A conversation: each line is a question, and the model remembers those before. */
public final class Chat {
    private static final int MOST_TOKENS = 256;

    private Chat() {
    }

    /** @param arguments folder of a model that was made for conversations */
    public static void main(String[] arguments) throws IOException {
        if (arguments.length != 1) {
            throw new IllegalArgumentException("expected MODEL");
        }
        try (TextModel model = TextModel.open(Path.of(arguments[0]));
                BufferedReader lines = new BufferedReader(
                        new InputStreamReader(System.in, Charset.defaultCharset()))) {
            talk(model, lines, MOST_TOKENS, System.out);
        }
    }

    /** @return all that was said */
    static List<ChatMessage> talk(TextModel model, BufferedReader lines, int mostTokens, PrintStream out)
            throws IOException {
        GenerationRequest request = new GenerationRequest(model.sampling(), mostTokens, model.stopIds(), List.of());
        try (Conversation conversation = model.conversation(List.of())) {
            for (String line = lines.readLine(); line != null && !line.isBlank(); line = lines.readLine()) {
                conversation.ask(line, request, piece -> {
                    out.print(piece);
                    out.flush();
                });
                out.println();
            }
            return conversation.messages();
        }
    }
}
