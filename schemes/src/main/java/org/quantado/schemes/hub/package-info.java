/**
 * Models by id: what they are called on Hugging Face, what the environment says, and the cache on this machine's disk, all
 * as Hugging Face's own client has them. Nothing here uses the network.
 */
package org.quantado.schemes.hub;
