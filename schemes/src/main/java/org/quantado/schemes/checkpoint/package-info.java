/**
 * Checkpoints on disk: safetensors files, their shards and index.
 * <p>
 * A file is mapped and its header checked as a whole before any tensor can be reached; tensors are read-only
 * slices of the mapping. Whatever is wrong with a file is a {@link CheckpointException}.
 */
package org.quantado.schemes.checkpoint;
