/** Goes on with a text. */
package org.quantado.examples.generate;
