package org.quantado.host.kernel;

import java.lang.classfile.MethodModel;
import java.lang.constant.DirectMethodHandleDesc;
import java.lang.constant.MethodTypeDesc;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodHandles.Lookup.ClassOption;
import java.lang.invoke.MethodType;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;

import org.quantado.host.HostEngineException;
import org.quantado.host.bytecode.ClassFiles;
import org.quantado.host.bytecode.KernelLoops;
import org.quantado.host.flow.KernelFlow;
import org.quantado.host.flow.MethodUse;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import uk.ac.manchester.tornado.api.KernelContext;

/**
 * A method that a task runs, in the versions in which the engine runs it. Where it is a method of an object, that is the
 * first of its arguments.
 */
public final class KernelMethod {
    private static final Logger LOG = LoggerFactory.getLogger(KernelMethod.class);
    private static final ClassValue<Map<String, KernelMethod>> BY_OWNER = new ClassValue<>() {
        @Override
        protected Map<String, KernelMethod> computeValue(Class<?> type) {
            return new ConcurrentHashMap<>();
        }
    };
    private static final ClassValue<KernelMethod[]> BY_LAMBDA = new ClassValue<>() {
        @Override
        protected KernelMethod[] computeValue(Class<?> type) {
            return new KernelMethod[1];
        }
    };

    private final String name;
    private final MethodHandles.Lookup lookup;
    private final DirectMethodHandleDesc method;
    private final MethodType type;
    private final MethodUse use;
    private final KernelLoops loops;
    private final boolean takesContext;
    private final MethodHandle whole;
    private volatile MethodHandle sliced;
    private volatile MethodHandle turned;
    private volatile MethodHandle workItems;
    private volatile MethodHandle debuggable;
    private volatile Optional<PhasedVersion> phased;

    private KernelMethod(Class<?> owner, DirectMethodHandleDesc method) {
        this.method = method;
        name = owner.getName() + '.' + method.methodName();
        MethodModel model = model(owner);
        try {
            lookup = MethodHandles.privateLookupIn(owner, MethodHandles.lookup());
            MethodHandle handle = handle(owner);
            type = handle.type();
            whole = handle.asSpreader(Object[].class, type.parameterCount())
                    .asType(MethodType.methodType(void.class, Object[].class));
        } catch (ReflectiveOperationException e) {
            throw new HostEngineException("kernel " + name + " cannot be reached", e);
        }
        use = KernelFlow.of(owner.getClassLoader(), model);
        loops = KernelLoops.in(model);
        takesContext = type.parameterList().contains(KernelContext.class);
        if (isParallel() && takesContext() && (use.readsIds() || use.reachesBarrier())) {
            throw HostEngineException
                    .notSupported("a KernelContext's ids, barriers and local memory in an @Parallel loop"
                            + " (kernel " + name + ")");
        }
    }

    private MethodModel model(Class<?> owner) {
        return ClassFiles.method(owner, method.methodName(), method.lookupDescriptor())
                .orElseThrow(() -> new HostEngineException("kernel " + name + " is not in its class file"));
    }

    private MethodHandle handle(Class<?> owner) throws ReflectiveOperationException {
        MethodType declared = MethodType.fromMethodDescriptorString(method.lookupDescriptor(), owner.getClassLoader());
        return switch (method.kind()) {
            case STATIC, INTERFACE_STATIC -> lookup.findStatic(owner, method.methodName(), declared);
            case SPECIAL, INTERFACE_SPECIAL ->
                lookup.findSpecial(owner, method.methodName(), declared, owner);
            default -> lookup.findVirtual(owner, method.methodName(), declared);
        };
    }

    /** The kernel that a task's lambda stands for. */
    public static KernelMethod of(Object lambda, List<Object> arguments) {
        KernelMethod[] cached = BY_LAMBDA.get(lambda.getClass());
        if (cached[0] == null) {
            DirectMethodHandleDesc target = LambdaTarget.of(lambda, arguments);
            cached[0] = of(target, lambda.getClass().getClassLoader());
        }
        return cached[0];
    }

    private static KernelMethod of(DirectMethodHandleDesc target, ClassLoader loader) {
        try {
            Class<?> owner = Class.forName(ClassFiles.binaryName(target.owner()), false, loader);
            return BY_OWNER.get(owner).computeIfAbsent(target.methodName() + target.lookupDescriptor(),
                    _ -> new KernelMethod(owner, target));
        } catch (ClassNotFoundException e) {
            throw new HostEngineException("a kernel's class cannot be loaded", e);
        }
    }

    /** What a task's lambda captures: the first of its kernel's arguments. */
    public static List<Object> captured(Object lambda) {
        return LambdaTarget.captured(lambda);
    }

    /** Class and method, as in a stack trace. */
    public String name() {
        return name;
    }

    /** What the kernel does to its arguments. */
    public MethodUse use() {
        return use;
    }

    /** Whether the kernel has {@code @Parallel} loops. */
    public boolean isParallel() {
        return !loops.nest().isEmpty();
    }

    /**
     * Whether the method as it was compiled does what it does on a device: it calls nothing that only a device has, and
     * no iteration of its {@code @Parallel} loops ends more than itself.
     */
    public boolean runsAsCompiled() {
        return !use.callsDevice() && !loops.leavesEarly();
    }

    /** Whether the kernel reduces many values to few, in an order that a device chooses. */
    public boolean reduces() {
        return !loops.results().isEmpty();
    }

    /** Whether a parameter is the result of a reduction. */
    public boolean isResult(int parameter) {
        int receivers = type.parameterCount() - MethodTypeDesc.ofDescriptor(method.lookupDescriptor()).parameterCount();
        return loops.results().contains(parameter - receivers);
    }

    /** Whether the kernel is written in terms of work-items. */
    public boolean takesContext() {
        return takesContext;
    }

    /** The method as it was compiled: {@code (Object[])void}. */
    public MethodHandle whole() {
        return whole;
    }

    /** A slice of the {@code @Parallel} loops: {@code (Object[] arguments, LoopSlice, DeviceAtomics)void}. */
    public MethodHandle sliced() {
        if (sliced == null) {
            sliced = sliced(false);
        }
        return sliced;
    }

    /** The same with the outer loop's iterations innermost, where the order of the loops makes no difference. */
    public MethodHandle slicedAcross() {
        if (turned == null) {
            turned = loops.canBeTurned() ? sliced(true) : sliced();
        }
        return turned;
    }

    private MethodHandle sliced(boolean across) {
        return define(SlicedKernel.classFile(lookup, model(lookup.lookupClass()), loops, across),
                type.appendParameterTypes(LoopSlice.class, DeviceAtomics.class), method.methodName());
    }

    /** Work-items one after the other: {@code (Object[] arguments, WorkItemContext, int items, DeviceAtomics)void}. */
    public MethodHandle workItems() {
        if (workItems == null) {
            workItems = workItems(true);
        }
        return workItems;
    }

    /** The same, with the method as it was compiled. */
    public MethodHandle workItemsAsCompiled() {
        if (debuggable == null) {
            debuggable = workItems(false);
        }
        return debuggable;
    }

    private MethodHandle workItems(boolean copied) {
        return define(WorkItemLoop.classFile(lookup, model(lookup.lookupClass()), copied),
                type.appendParameterTypes(WorkItemContext.class, int.class, DeviceAtomics.class)
                        .changeReturnType(void.class),
                WorkItemLoop.LOOP);
    }

    /**
     * A version that runs a group from barrier to barrier.
     *
     * @param phase
     *            {@code (Object[] arguments, WorkItemContext, DeviceAtomics, ItemState[] items)void}
     * @param locals
     *            locals that an item's state must have room for
     */
    public record PhasedVersion(MethodHandle phase, int locals) {
    }

    /** The version for groups with barriers; empty where a helper waits, or the code cannot be taken up again. */
    public Optional<PhasedVersion> phased() {
        if (phased == null) {
            phased = use.helpersUseContext() ? Optional.empty() : definePhased();
        }
        return phased;
    }

    private Optional<PhasedVersion> definePhased() {
        MethodModel model = model(lookup.lookupClass());
        try {
            MethodHandle phase = define(PhasedKernel.classFile(lookup, model),
                    type.appendParameterTypes(WorkItemContext.class, DeviceAtomics.class, ItemState[].class)
                            .changeReturnType(void.class),
                    PhasedKernel.PHASE);
            return Optional.of(new PhasedVersion(phase, PhasedKernel.locals(model)));
        } catch (IllegalArgumentException | VerifyError e) {
            LOG.debug("kernel {} cannot be taken up again behind its barriers", name, e);
            return Optional.empty();
        }
    }

    /** Whether {@code argument} is a boxed primitive: a constant of the compiled kernel on a device. */
    public static boolean isConstant(Object argument) {
        return (argument instanceof Number && !(argument instanceof AtomicInteger)) || argument instanceof Character
                || argument instanceof Boolean;
    }

    /** Defines a class with a version of this kernel, and gives that version with the kernel's arguments in one array. */
    private MethodHandle define(byte[] classFile, MethodType version, String versionName) {
        try {
            MethodHandles.Lookup hidden = lookup.defineHiddenClass(classFile, true, ClassOption.NESTMATE);
            int arguments = type.parameterCount();
            MethodType untyped = version.generic().dropParameterTypes(arguments, version.parameterCount())
                    .appendParameterTypes(
                            version.parameterList().subList(arguments, version.parameterCount()))
                    .changeReturnType(void.class);
            return hidden.findStatic(hidden.lookupClass(), versionName, version)
                    .asType(untyped)
                    .asSpreader(0, Object[].class, arguments);
        } catch (ReflectiveOperationException e) {
            throw new HostEngineException("kernel " + name + " cannot be prepared", e);
        }
    }
}
