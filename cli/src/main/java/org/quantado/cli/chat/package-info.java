/** The command {@code chat}. */
package org.quantado.cli.chat;
