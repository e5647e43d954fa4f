/**
 * TornadoVM's provider interfaces, as its API loads them by name: the task graphs, the runtime with its one device, and
 * the settings.
 */
package org.quantado.host.engine;
