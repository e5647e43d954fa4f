package org.quantado.examples.rag;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

import org.quantado.langchain4j.QuantadoChatModel;
import org.quantado.langchain4j.QuantadoModel;
import org.quantado.models.text.Tokenizer;

import dev.langchain4j.data.segment.TextSegment;
import dev.langchain4j.model.chat.ChatModel;
import dev.langchain4j.model.embedding.EmbeddingModel;
import dev.langchain4j.rag.content.retriever.ContentRetriever;
import dev.langchain4j.rag.content.retriever.EmbeddingStoreContentRetriever;
import dev.langchain4j.service.AiServices;
import dev.langchain4j.store.embedding.inmemory.InMemoryEmbeddingStore;

/** Answers a question about a text by the paragraphs of it that are nearest to the question. */
public final class AskTexts {
    private static final int PARAGRAPHS = 2;

    private AskTexts() {
    }

    /** What LangChain4j makes of a model and a retriever. */
    interface Assistant {
        /** Answers a question. */
        String answer(String question);
    }

    /** @param arguments folder of a model that was made for conversations, a text, and a question about it */
    public static void main(String[] arguments) throws IOException {
        if (arguments.length != 3) {
            throw new IllegalArgumentException("expected MODEL TEXT-FILE QUESTION");
        }
        Path folder = Path.of(arguments[0]);
        List<String> paragraphs = List.of(Files.readString(Path.of(arguments[1])).split("\\n\\s*\\n"));
        try (QuantadoModel model = QuantadoModel.open(folder); Tokenizer tokenizer = Tokenizer.open(folder)) {
            ContentRetriever retriever = retriever(MeanEmbedding.open(folder, tokenizer), paragraphs, PARAGRAPHS);
            System.out.println(assistant(new QuantadoChatModel(model), retriever).answer(arguments[2]));
        }
    }

    static ContentRetriever retriever(EmbeddingModel embedding, List<String> paragraphs, int most) {
        List<TextSegment> segments = paragraphs.stream().filter(text -> !text.isBlank()).map(TextSegment::from)
                .toList();
        InMemoryEmbeddingStore<TextSegment> store = new InMemoryEmbeddingStore<>();
        store.addAll(embedding.embedAll(segments).content(), segments);
        return EmbeddingStoreContentRetriever.builder().embeddingStore(store).embeddingModel(embedding)
                .maxResults(most).build();
    }

    static Assistant assistant(ChatModel model, ContentRetriever retriever) {
        return AiServices.builder(Assistant.class).chatModel(model).contentRetriever(retriever).build();
    }
}
