/** What GPTQ takes for a layer, and what it would take for whole models. */
package org.quantado.bench.gptq;
