/** A model as a user names it: a folder, its layers, and what runs each of them. */
package org.quantado.schemes.model;
