/** Running blocks of experts against results that somebody else computed, and saying how far apart they are. */
package org.quantado.moe.verify;
