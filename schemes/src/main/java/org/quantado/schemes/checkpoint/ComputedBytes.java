package org.quantado.schemes.checkpoint;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.SegmentAllocator;
import java.lang.ref.SoftReference;
import java.util.function.Supplier;

/** Bytes that are computed when they are asked for, and held until memory becomes scarce. */
final class ComputedBytes implements Supplier<RowBytes> {
    /** Where they are held: on the heap, whose filling the collector sees. */
    static final SegmentAllocator HEAP = (size, _) -> MemorySegment
            .ofArray(new long[Math.toIntExact(Math.ceilDiv(size, Long.BYTES))]).asSlice(0, size);

    private final Supplier<MemorySegment> computed;
    private final long size;
    private SoftReference<RowBytes> held = new SoftReference<>(null);

    /** @param size how many bytes they are */
    ComputedBytes(Supplier<MemorySegment> computed, long size) {
        this.computed = computed;
        this.size = size;
    }

    @Override
    public synchronized RowBytes get() {
        RowBytes bytes = held.get();
        if (bytes == null) {
            MemorySegment segment = computed.get();
            if (segment.byteSize() != size) {
                throw new IllegalStateException("computed " + segment.byteSize() + " bytes of " + size);
            }
            bytes = RowBytes.together(segment.asReadOnly());
            held = new SoftReference<>(bytes);
        }
        return bytes;
    }
}
