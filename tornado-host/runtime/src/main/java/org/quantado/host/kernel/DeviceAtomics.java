package org.quantado.host.kernel;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;

/** The AtomicIntegers that a kernel makes: one for each place in its code, whichever thread comes there first. */
public final class DeviceAtomics {
    private final Map<Integer, AtomicInteger> bySite = new ConcurrentHashMap<>();

    /** What the kernel gets where it makes one; called from kernels. */
    public static AtomicInteger get(int initialValue, DeviceAtomics atomics, int site) {
        return atomics.bySite.computeIfAbsent(site, _ -> new AtomicInteger(initialValue));
    }
}
