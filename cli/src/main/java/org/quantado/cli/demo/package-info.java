/** {@code quantado demo}: a small language model tells a story, before and after it is quantized. */
package org.quantado.cli.demo;
