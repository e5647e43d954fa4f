/** What a device does at most: bytes that it reads, and multiply-adds. */
package org.quantado.bench.peaks;
