/** What commands that run layers share: the engine, the device, the options that choose them, and a layer that runs. */
package org.quantado.cli.engine;
