/**
 * GPTQ: weights rounded column after column, each moved by the errors of those before it.
 * <p>
 * Options, order of columns and rounding are llm-compressor's.
 */
package org.quantado.schemes.gptq;
