/** TornadoVM's rules, each as a device shows it: these tests run on the host engine and, tagged so, on a device. */
package org.quantado.host.rules;
