/**
 * Which scheme runs a layer: config groups, targets and ignore lists matched against layer names, and vLLM's order
 * of decisions.
 */
package org.quantado.schemes.select;
