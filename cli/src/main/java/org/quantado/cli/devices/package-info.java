/** {@code quantado devices}: the engines and devices that were found. */
package org.quantado.cli.devices;
