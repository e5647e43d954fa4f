/**
 * The device's memory: copies of the user's arrays, made and fetched exactly where a TaskGraph says so, by the rules
 * that TornadoVM follows.
 */
package org.quantado.host.memory;
