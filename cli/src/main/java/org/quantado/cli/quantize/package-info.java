/** {@code quantado quantize}: a quantized checkpoint, and the page with its errors. */
package org.quantado.cli.quantize;
