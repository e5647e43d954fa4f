/** The server: connections, paths, keys, limits, figures, and the page. */
package org.quantado.server.http;
