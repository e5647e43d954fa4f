package org.quantado.examples.rag;

import java.nio.file.Path;
import java.util.List;

import org.quantado.models.text.Tokenizer;
import org.quantado.schemes.checkpoint.Checkpoint;
import org.quantado.schemes.checkpoint.Tensor;

import dev.langchain4j.data.embedding.Embedding;
import dev.langchain4j.data.segment.TextSegment;
import dev.langchain4j.model.embedding.EmbeddingModel;
import dev.langchain4j.model.output.Response;

/**
 * A text as the mean of its tokens' rows of a model's own embedding table, {@code [V, H]}. It stands for words, not for what they
 * mean together; LangChain4j's models for that bring ONNX's native libraries of some hundred MB, which would be a large part of
 * this example.
 */
final class MeanEmbedding implements EmbeddingModel {
    private static final String TABLE = "model.embed_tokens.weight";

    private final Tokenizer tokenizer;
    private final float[] table;
    private final int size;

    private MeanEmbedding(Tokenizer tokenizer, float[] table, int size) {
        this.tokenizer = tokenizer;
        this.table = table;
        this.size = size;
    }

    /** @param tokenizer closed by its owner */
    static MeanEmbedding open(Path folder, Tokenizer tokenizer) {
        try (Checkpoint checkpoint = Checkpoint.open(folder)) {
            Tensor tensor = checkpoint.tensor(TABLE);
            float[] table = tensor.toFloats();
            return new MeanEmbedding(tokenizer, table, Math.toIntExact(tensor.shape().dimension(1)));
        }
    }

    @Override
    public Response<List<Embedding>> embedAll(List<TextSegment> segments) {
        return Response.from(segments.stream().map(segment -> mean(tokenizer.encode(segment.text()))).toList());
    }

    private Embedding mean(int[] ids) {
        float[] sum = new float[size];
        for (int id : ids) {
            for (int i = 0; i < size; i++) {
                sum[i] += table[id * size + i];
            }
        }
        Embedding embedding = Embedding.from(sum);
        embedding.normalize();
        return embedding;
    }
}
