package org.quantado.host.memory;

import java.lang.foreign.MemorySegment;

/**
 * What a reduction begins with: the first element that its result had when the graph was first executed.
 *
 * @param element
 *            that element's bytes
 */
record NeutralElement(MemorySegment element) {
    static NeutralElement of(Object result) {
        long size = DeviceObjects.bytes(result) / DeviceObjects.length(result);
        MemorySegment element = MemorySegment.ofArray(new byte[(int) size]);
        return new NeutralElement(element.copyFrom(DeviceObjects.elements(result).asSlice(0, size)));
    }

    long bytes() {
        return element.byteSize();
    }

    /** Sets every element of the device's side of the result. */
    void fill(DeviceArray result) {
        MemorySegment elements = DeviceObjects.elements(result.forKernel());
        for (long offset = 0; offset < elements.byteSize(); offset += bytes()) {
            MemorySegment.copy(element, 0, elements, offset, bytes());
        }
    }
}
