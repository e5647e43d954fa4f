/** What the commands share that run whole models: options, Ctrl-C, figures of an answer. */
package org.quantado.cli.text;
