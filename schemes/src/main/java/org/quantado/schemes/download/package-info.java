/**
 * Models from Hugging Face, or what speaks its API, into the cache on this machine's disk. Every file is compared with its
 * checksum before it gets its name, and a snapshot appears when all of its files are there; what was fetched before a break
 * is not fetched again. What a server says is checked before it is used, and the token is for the hub alone.
 */
package org.quantado.schemes.download;
