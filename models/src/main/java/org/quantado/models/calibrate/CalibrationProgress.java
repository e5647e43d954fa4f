package org.quantado.models.calibrate;

/** Is told how far a calibration has come. */
public interface CalibrationProgress {
    /** Hears nothing. */
    CalibrationProgress NONE = new CalibrationProgress() {
    };

    /**
     * A layer begins.
     *
     * @param layer its number, from 0
     * @param layers how many there are
     * @param samples how often samples will run through layers from here on to the end, as far as is known
     */
    default void begin(int layer, int layers, long samples) {
        // nobody wants to know
    }

    /** More samples have run through a layer. */
    default void samples(int count) {
        // nobody wants to know
    }
}
