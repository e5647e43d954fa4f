package org.quantado.host.flow;

import java.util.Set;

/**
 * The methods that a device has instructions for: TornadoVM does not look into them, and neither does the walk. All
 * others are walked.
 */
final class ApiMethods {
    private static final String API = "uk.ac.manchester.tornado.api.";
    private static final String ARRAYS = API + "types.arrays.";
    private static final String HALF_FLOATS = ARRAYS + "HalfFloatArray";
    private static final String TYPES = API + "types.";
    private static final Set<String> NUMBERS = Set.of(TYPES + "HalfFloat", API + "KernelContext");
    private static final String ATOMIC_INTEGER = "java.util.concurrent.atomic.AtomicInteger";
    private static final String VECTORS = TYPES + "vectors.";
    private static final Set<String> BARRIERS = Set.of("localBarrier", "globalBarrier");
    private static final Set<String> VIEWS = Set.of("getSegment");
    private static final Set<String> LENGTHS = Set.of("getSize", "getElementSize");

    /** What a call does to the object that it is a method of. */
    enum Effect {
        /** Neither reads nor writes its elements. */
        NONE,
        /** Reads. */
        READ,
        /** Writes. */
        WRITE,
        /** Reads and writes. */
        READ_WRITE,
        /** Gives the elements in another form. */
        VIEW,
        /** Not known. */
        UNKNOWN
    }

    private ApiMethods() {
    }

    /** Whether a method of {@code owner} is executed as one step; only the API's arrays are looked into. */
    static boolean isStep(String owner, boolean concernsAParameter) {
        if (owner.startsWith("java.") || owner.startsWith("jdk.")) {
            return true;
        }
        if (!owner.startsWith(API)) {
            return false;
        }
        return owner.startsWith(ARRAYS) || owner.startsWith(VECTORS) || !owner.startsWith(TYPES)
                || NUMBERS.contains(owner) || !concernsAParameter;
    }

    static boolean isBarrier(String owner, String name) {
        return owner.startsWith(API) && BARRIERS.contains(name);
    }

    static boolean isLocalMemory(String owner, String name) {
        return owner.startsWith(API) && name.startsWith("allocate");
    }

    /** Whether a static method of {@code owner} only reads its arguments. */
    static boolean onlyReads(String owner) {
        return owner.startsWith(VECTORS) || owner.startsWith(API + "math.");
    }

    static Effect effect(String owner, String name) {
        if (owner.startsWith(ARRAYS)) {
            return arrayEffect(owner, name);
        }
        if (owner.startsWith(VECTORS)) {
            return name.startsWith("set") || name.equals("fill") ? Effect.WRITE : Effect.NONE;
        }
        if (owner.equals(ATOMIC_INTEGER)) {
            return Effect.READ_WRITE;
        }
        if (NUMBERS.contains(owner) || (owner.startsWith("java.lang.") && name.endsWith("Value"))) {
            return Effect.NONE;
        }
        return name.equals("asReadOnly") || (owner.startsWith("java.lang.foreign.") && name.startsWith("get"))
                ? Effect.READ
                : Effect.UNKNOWN;
    }

    private static Effect arrayEffect(String owner, String name) {
        if (VIEWS.contains(name)) {
            return Effect.VIEW;
        }
        if (LENGTHS.contains(name)) {
            return owner.equals(HALF_FLOATS) ? Effect.READ : Effect.NONE;
        }
        return switch (name) {
            case "get" -> Effect.READ;
            case "set", "init", "clear" -> Effect.WRITE;
            default -> Effect.UNKNOWN;
        };
    }
}
