package org.quantado.host.flow;

import java.lang.classfile.MethodModel;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;

import org.quantado.host.HostEngineException;
import org.quantado.host.bytecode.ClassFiles;
import uk.ac.manchester.tornado.api.common.Access;

/** Walks a kernel and its helpers until nothing new is found, and tells what that does to the kernel's arguments. */
public final class KernelFlow {
    /** Calls inside calls that are looked into; a device has no recursion. */
    private static final int MAX_DEPTH = 32;

    private final ClassLoader loader;
    private final ArrayStores stores = new ArrayStores();
    private final Map<CodePath, Stretch> stretches = new HashMap<>();
    private final Map<CodePath, MethodWalk> walks = new HashMap<>();
    private boolean reachesBarrier;
    private boolean readsIds;
    private boolean helpersUseContext;
    private boolean callsDevice;

    private KernelFlow(ClassLoader loader) {
        this.loader = loader;
    }

    /** What a method does to its parameters, the object that it is a method of being the first of them. */
    public static MethodUse of(ClassLoader loader, MethodModel method) {
        KernelFlow flow = new KernelFlow(loader);
        MethodWalk walk = flow.walk(method, CodePath.root());
        int parameters = walk.parameterCount();
        long[] arguments = IntStream.range(0, parameters)
                .mapToLong(p -> walk.isReference(p) ? Values.parameter(p) : Values.NOTHING).toArray();
        walk.run(arguments, new Stretch());
        return new MethodUse(IntStream.range(0, parameters).mapToObj(flow.stores::access).toList(),
                IntStream.range(0, parameters).mapToObj(flow.stores::accessInAnyOrder).toList(), flow.reachesBarrier,
                flow.readsIds, flow.helpersUseContext,
                flow.callsDevice);
    }

    ArrayStores stores() {
        return stores;
    }

    Stretch stretch(CodePath at) {
        return stretches.computeIfAbsent(at, _ -> new Stretch());
    }

    void reachBarrier(CodePath in) {
        reachesBarrier = true;
        helpersUseContext |= in.depth() > 0;
    }

    void readIds(CodePath in) {
        readsIds = true;
        helpersUseContext |= in.depth() > 0;
    }

    void callDevice(String call, CodePath at) {
        if (at.depth() > 0) {
            throw HostEngineException.notSupported(call + " in a helper of a kernel");
        }
        callsDevice = true;
    }

    /** The walk through a helper that is called at {@code path}; empty if its code cannot be looked into. */
    Optional<MethodWalk> helper(String owner, String name, String descriptor, CodePath path) {
        MethodWalk known = walks.get(path);
        if (known != null) {
            return Optional.of(known);
        }
        if (path.depth() > MAX_DEPTH) {
            return Optional.empty();
        }
        try {
            for (Class<?> type = Class.forName(owner, false, loader); type != null; type = type.getSuperclass()) {
                Optional<MethodModel> method = ClassFiles.method(type, name, descriptor)
                        .filter(m -> m.code().isPresent());
                if (method.isPresent()) {
                    return method.map(m -> walk(m, path));
                }
            }
        } catch (ClassNotFoundException _) {
            // its code cannot be looked into
        }
        return Optional.empty();
    }

    private MethodWalk walk(MethodModel method, CodePath path) {
        MethodWalk walk = new MethodWalk(this, method, path);
        walks.put(path, walk);
        return walk;
    }
}
