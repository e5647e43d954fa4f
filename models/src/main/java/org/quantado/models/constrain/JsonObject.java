package org.quantado.models.constrain;

import org.quantado.models.generate.GenerationException;

import uk.ac.manchester.tornado.api.types.arrays.FloatArray;

/** An answer that is one JSON object, and nothing after it. If it is cut off, it is the beginning of one. Not thread-safe. */
public final class JsonObject {
    private final TokenTexts texts;
    private final JsonText read = new JsonText();
    private final JsonText tried = new JsonText();

    /** Before its first id. */
    public JsonObject(TokenTexts texts) {
        this.texts = texts;
    }

    /**
     * Makes ids impossible with which the answer would not go on as an object.
     *
     * @param logits {@code [V]} or more, changed
     * @param vocabulary V
     * @throws GenerationException if no id is left
     */
    public void mask(FloatArray logits, int vocabulary) {
        boolean any = false;
        for (int id = 0; id < vocabulary; id++) {
            if (allows(id)) {
                any = true;
            } else {
                logits.set(id, Float.NEGATIVE_INFINITY);
            }
        }
        if (!any) {
            throw new GenerationException("JSON object", "no token that goes on with it", "one in the vocabulary");
        }
    }

    private boolean allows(int id) {
        tried.set(read);
        return texts.text(id).filter(tried::add).isPresent();
    }

    /** Goes on with an id that is allowed. */
    public void see(int id) {
        if (!texts.text(id).filter(read::add).isPresent()) {
            throw new IllegalArgumentException("id " + id + " does not go on with a JSON object");
        }
    }

    /** Whether the object has ended. */
    public boolean isComplete() {
        return read.isComplete();
    }
}
