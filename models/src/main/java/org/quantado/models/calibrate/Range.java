package org.quantado.models.calibrate;

import java.io.Serializable;

/** From a value to another. */
record Range(float min, float max) implements Serializable {
}
