/** What is measured: products, experts, quantizing, routing, each beside a plain reference. */
package org.quantado.bench.workloads;
