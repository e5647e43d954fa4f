/** The host engine: TornadoVM's provider interfaces on plain JVM threads, with a device's semantics. */
package org.quantado.host;
