/** OpenAI's API: what requests say, and how answers and errors are written. Knows nothing of HTTP connections. */
package org.quantado.server.api;
