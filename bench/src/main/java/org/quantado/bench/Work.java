package org.quantado.bench;

/**
 * What has to be done at least.
 *
 * @param bytes that have to be read or written, in the formats of checkpoints
 * @param flop operations on floats; 0 where they are not what the work consists of
 * @param copied bytes that have to be copied to and from the device
 */
public record Work(long bytes, double flop, long copied) {
}
