/**
 * Continuous batching: requests join and leave the batch that a model runs between two of its tokens. Knows nothing of HTTP.
 */
package org.quantado.server.batch;
