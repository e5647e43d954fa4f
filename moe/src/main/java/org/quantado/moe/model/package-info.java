/** The blocks of experts of a model: told from tensor names and the config, checked, and made ready to run. */
package org.quantado.moe.model;
