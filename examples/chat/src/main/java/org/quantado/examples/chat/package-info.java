/** A conversation on the terminal. */
package org.quantado.examples.chat;
