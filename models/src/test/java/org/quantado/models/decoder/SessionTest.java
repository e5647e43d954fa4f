package org.quantado.models.decoder;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Arrays;
import java.util.stream.IntStream;

import org.assertj.core.data.Offset;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.quantado.models.GoldenModels;
import org.quantado.models.LanguageModel;
import org.quantado.models.ModelOptions;

import uk.ac.manchester.tornado.api.types.arrays.FloatArray;

/** The same logits however a sequence is fed, and beside whichever others. */
@Tag("device")
class SessionTest {
    /** Sums in other orders. */
    private static final Offset<Float> TOLERANCE = Offset.offset(2e-5f);
    private static final int CONTEXT = 48;
    private static final int[] IDS = IntStream.range(0, 30).map(i -> (i * i * 7 + 3) % 320).toArray();

    private static LanguageModel model;
    private static Session session;

    @BeforeAll
    static void open() {
        model = LanguageModel.open(GoldenModels.bundled("tiny/llama"), ModelOptions.USUAL.withContext(CONTEXT));
        session = model.session(3);
    }

    @AfterAll
    static void close() {
        session.close();
    }

    private static float[] copy(FloatArray logits) {
        return Arrays.copyOf(logits.toHeapArray(), session.vocabulary());
    }

    private static float[] inOneBlock() {
        int sequence = session.open();
        float[] logits = copy(session.logits(sequence, IDS));
        session.close(sequence);
        return logits;
    }

    private static void assertClose(float[] found, float[] expected) {
        for (int i = 0; i < expected.length; i++) {
            assertThat(found[i]).isCloseTo(expected[i], TOLERANCE);
        }
    }

    @Test
    void repeatsBitForBit() {
        assertThat(inOneBlock()).containsExactly(inOneBlock());
    }

    @Test
    void blocksOfAnySizeGiveTheSame() {
        float[] expected = inOneBlock();
        for (int size : new int[]{1, 7, 11, 29}) {
            int sequence = session.open();
            float[] logits = null;
            for (int from = 0; from < IDS.length; from += size) {
                logits = copy(session.logits(sequence,
                        Arrays.copyOfRange(IDS, from, Math.min(IDS.length, from + size))));
            }
            session.close(sequence);
            assertClose(logits, expected);
        }
    }

    @Test
    void severalSequencesDoNotSeeEachOther() {
        float[] expected = inOneBlock();
        int[] sequences = {session.open(), session.open(), session.open()};
        session.logits(sequences[0], new int[]{5, 6, 7});
        session.logits(sequences[2], Arrays.copyOf(IDS, IDS.length - 1));
        float[][] last = new float[3][];
        session.step(sequences, new int[]{1, 2, IDS[IDS.length - 1]}, (first, count, logits) -> {
            for (int row = 0; row < count; row++) {
                last[first + row] = Arrays.copyOfRange(logits.toHeapArray(), row * session.vocabulary(),
                        (row + 1) * session.vocabulary());
            }
        });
        for (int sequence : sequences) {
            session.close(sequence);
        }
        assertClose(last[2], expected);
    }

    @Test
    void greedyIdIsThatOfTheLargestLogit() {
        float[] logits = inOneBlock();
        int sequence = session.open();
        int next = session.next(sequence, IDS);
        int[] after = new int[1];
        session.step(new int[]{sequence}, new int[]{next}, after);
        session.truncate(sequence, IDS.length);
        float[] again = copy(session.logits(sequence, new int[]{next}));
        session.close(sequence);
        assertThat(next).isEqualTo(largest(logits));
        assertThat(after[0]).isEqualTo(largest(again));
    }

    private static int largest(float[] logits) {
        return IntStream.range(0, logits.length).reduce((a, b) -> logits[b] > logits[a] ? b : a).getAsInt();
    }

    @Test
    void whatCannotBeRunIsRefusedAndTheSessionGoesOn() {
        int sequence = session.open();
        assertThatThrownBy(() -> session.logits(sequence, new int[0])).isInstanceOf(InputException.class)
                .hasMessageContaining("no tokens");
        assertThatThrownBy(() -> session.logits(sequence, new int[]{1, 320})).isInstanceOf(InputException.class)
                .hasMessage("token 1 has the id 320: expected 0 to 319");
        assertThatThrownBy(() -> session.logits(sequence, new int[CONTEXT + 1])).isInstanceOf(InputException.class)
                .hasMessageContaining("49 tokens").hasMessageContaining("48");
        assertThat(session.length(sequence)).isZero();
        float[] logits = copy(session.logits(sequence, IDS));
        session.close(sequence);
        assertThat(logits).containsExactly(inOneBlock());
    }

    @Test
    void aContextThatTheModelDoesNotAllowIsRefused() {
        ModelOptions options = ModelOptions.USUAL.withContext(257);
        assertThatThrownBy(() -> LanguageModel.open(GoldenModels.bundled("tiny/llama"), options))
                .isInstanceOf(InputException.class).hasMessageContaining("257").hasMessageContaining("256");
    }
}
