package org.quantado.kernels.logits;

import uk.ac.manchester.tornado.api.math.TornadoMath;

/** The order by logit, and of equal logits by id. Straight-line code that TornadoVM inlines. */
final class TopOrder {
    private TopOrder() {
    }

    /** A logit among the finite floats; NaN is below them. */
    static float bounded(float logit) {
        float finite = TornadoMath.max(-Float.MAX_VALUE, TornadoMath.min(Float.MAX_VALUE, logit));
        return Float.isNaN(logit) ? Float.NEGATIVE_INFINITY : finite;
    }

    /** 1 if this one comes after the one before it, and before the best so far, of which there is none if its id is -1. */
    static int isNext(float logit, int id, float before, int idBefore, float best, int bestId) {
        int after = logit < before ? 1 : 0;
        int tieAfter = id > idBefore ? 1 : 0;
        int isAfter = logit == before ? tieAfter : after;
        int better = logit > best ? 1 : 0;
        int tieFirst = bestId < 0 ? 1 : 0;
        int isBetter = logit == best ? tieFirst : better;
        int exists = id < 0 ? 0 : 1;
        return isAfter * isBetter * exists;
    }
}
