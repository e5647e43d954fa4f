/**
 * Number formats as codes: how each is decoded, rounded to and packed, once for plain Java and kernels alike.
 *
 * <p>
 * A narrow format has few values, so both directions are tables: decoding looks a code up, encoding counts how
 * many {@linkplain org.quantado.kernels.codec.Thresholds thresholds} lie below a value. Tables are computed
 * exactly on the JVM and handed to kernels as arrays, so that a device has nothing left to round.
 *
 * <p>
 * Methods marked <em>kernel-usable</em> take only primitives and arrays, have one return, and may be called from
 * code that TornadoVM compiles.
 */
package org.quantado.kernels.codec;
