/**
 * Prompts by the file: lines of JSON in, lines of JSON out, in the same order, by the processes of a cluster or by this one.
 */
package org.quantado.models.batch;
