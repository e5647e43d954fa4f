/**
 * The host engine: runs TornadoVM TaskGraphs on the plain JVM, with a device's semantics.
 *
 * <p>
 * {@code engine} implements the API's provider interfaces; {@code memory} keeps the device's copies of the user's
 * arrays; {@code kernel} finds and rewrites kernels; {@code work} runs them on the cores. The class path resource
 * {@code META-INF/quantado/tornado-runtime.properties} names the providers as the system properties that the API reads.
 */
package org.quantado.host;
