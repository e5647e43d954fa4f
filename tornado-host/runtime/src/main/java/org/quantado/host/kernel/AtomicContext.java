package org.quantado.host.kernel;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.types.arrays.DoubleArray;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;
import uk.ac.manchester.tornado.api.types.arrays.LongArray;

/** The KernelContext of a kernel with {@code @Parallel} loops: it adds to an array's elements, whoever else does. */
public class AtomicContext extends KernelContext {
    private static final VarHandle INT_ELEMENT = MethodHandles.arrayElementVarHandle(int[].class);
    private static final VarHandle INT_IN_MEMORY = ValueLayout.JAVA_INT.varHandle();
    private static final VarHandle LONG_IN_MEMORY = ValueLayout.JAVA_LONG.varHandle();

    @Override
    public void atomicAdd(IntArray array, int index, int val) {
        INT_IN_MEMORY.getAndAdd(array.getSegment(), (long) index * Integer.BYTES, val);
    }

    @Override
    public void atomicAdd(int[] array, int index, int val) {
        INT_ELEMENT.getAndAdd(array, index, val);
    }

    @Override
    public void atomicAdd(LongArray array, int index, long val) {
        LONG_IN_MEMORY.getAndAdd(array.getSegment(), (long) index * Long.BYTES, val);
    }

    @Override
    public void atomicAdd(FloatArray array, int index, float val) {
        MemorySegment elements = array.getSegment();
        long offset = (long) index * Float.BYTES;
        int before;
        int after;
        do {
            before = (int) INT_IN_MEMORY.getVolatile(elements, offset);
            after = Float.floatToRawIntBits(Float.intBitsToFloat(before) + val);
        } while (!INT_IN_MEMORY.compareAndSet(elements, offset, before, after));
    }

    @Override
    public void atomicAdd(DoubleArray array, int index, double val) {
        MemorySegment elements = array.getSegment();
        long offset = (long) index * Double.BYTES;
        long before;
        long after;
        do {
            before = (long) LONG_IN_MEMORY.getVolatile(elements, offset);
            after = Double.doubleToRawLongBits(Double.longBitsToDouble(before) + val);
        } while (!LONG_IN_MEMORY.compareAndSet(elements, offset, before, after));
    }
}
