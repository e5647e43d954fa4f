/** Answers of a given form: which ids may come next. */
package org.quantado.models.constrain;
