/** The model that is served: weights on the device, text, chat template, tools. */
package org.quantado.server.model;
