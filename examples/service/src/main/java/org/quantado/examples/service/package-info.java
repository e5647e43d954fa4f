/** A service of a program's own. */
package org.quantado.examples.service;
