package org.quantado.examples.rag;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

import org.junit.jupiter.api.Test;
import org.quantado.langchain4j.QuantadoChatModel;
import org.quantado.langchain4j.QuantadoModel;
import org.quantado.models.text.Tokenizer;

import dev.langchain4j.model.chat.listener.ChatModelListener;
import dev.langchain4j.model.chat.listener.ChatModelRequestContext;
import dev.langchain4j.model.chat.request.ChatRequestParameters;
import dev.langchain4j.rag.content.retriever.ContentRetriever;

class AskTextsTest {
    private static final Path TALES = Path.of(System.getProperty("quantado.root"),
            "cli/src/main/resources/org/quantado/cli/demo/tales-2m");
    private static final String FOX = "The red fox ran into the forest and slept under a tree.";
    private static final List<String> TEXTS = List.of("The boat sailed over the sea to a far island.", FOX,
            "Grandma baked bread and cake in the kitchen.");

    @Test
    void theModelReadsTheParagraphThatIsNearest() {
        List<String> prompts = new ArrayList<>();
        ChatModelListener listener = new ChatModelListener() {
            @Override
            public void onRequest(ChatModelRequestContext context) {
                prompts.add(context.chatRequest().messages().toString());
            }
        };
        try (QuantadoModel model = QuantadoModel.open(TALES); Tokenizer tokenizer = Tokenizer.open(TALES)) {
            ContentRetriever retriever = AskTexts.retriever(MeanEmbedding.open(TALES, tokenizer), TEXTS, 1);
            QuantadoChatModel chat = new QuantadoChatModel(model,
                    ChatRequestParameters.builder().maxOutputTokens(8).build(), List.of(listener));
            assertThat(AskTexts.assistant(chat, retriever).answer("Where did the fox sleep in the forest?"))
                    .isNotBlank();
        }
        assertThat(prompts).singleElement().asString().contains(FOX).doesNotContain("island", "kitchen");
    }
}
