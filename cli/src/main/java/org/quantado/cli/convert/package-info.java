/** {@code convert}: a checkpoint of another dialect as compressed-tensors would have written it. */
package org.quantado.cli.convert;
