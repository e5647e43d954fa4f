package org.quantado.host.kernel;

import java.lang.classfile.Attributes;
import java.lang.classfile.MethodModel;
import java.lang.constant.DirectMethodHandleDesc;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodHandles.Lookup.ClassOption;
import java.lang.invoke.MethodType;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

import org.quantado.host.HostEngineException;
import org.quantado.host.bytecode.ClassFiles;
import org.quantado.host.bytecode.ParallelLoop;
import org.quantado.host.flow.KernelFlow;
import org.quantado.host.flow.MethodUse;
import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.annotations.Reduce;

/** A static method that a task runs, in the versions in which the engine runs it. */
public final class KernelMethod {
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
    private final MethodModel model;
    private final MethodType type;
    private final MethodUse use;
    private final List<ParallelLoop> loops;
    private final MethodHandle whole;
    private volatile MethodHandle sliced;
    private volatile MethodHandle workItems;

    private KernelMethod(Class<?> owner, String methodName, String descriptor) {
        name = owner.getName() + '.' + methodName;
        model = ClassFiles.method(owner, methodName, descriptor)
                .orElseThrow(() -> new HostEngineException("kernel " + name + " is not in its class file"));
        rejectReductions();
        try {
            lookup = MethodHandles.privateLookupIn(owner, MethodHandles.lookup());
            type = MethodType.fromMethodDescriptorString(descriptor, owner.getClassLoader());
            whole = lookup.findStatic(owner, methodName, type)
                    .asSpreader(Object[].class, type.parameterCount())
                    .asType(MethodType.methodType(void.class, Object[].class));
        } catch (ReflectiveOperationException e) {
            throw new HostEngineException("kernel " + name + " cannot be reached", e);
        }
        use = KernelFlow.of(owner.getClassLoader(), model);
        loops = ParallelLoop.in(model);
        if (isParallel() && takesContext()) {
            throw new HostEngineException("kernel " + name + " has both a KernelContext and @Parallel loops");
        }
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
                    _ -> new KernelMethod(owner, target.methodName(), target.lookupDescriptor()));
        } catch (ClassNotFoundException e) {
            throw new HostEngineException("a kernel's class cannot be loaded", e);
        }
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
        return !loops.isEmpty();
    }

    /** Whether the kernel is written in terms of work-items. */
    public boolean takesContext() {
        return type.parameterList().contains(KernelContext.class);
    }

    /** The method as it was compiled: {@code (Object[])void}. */
    public MethodHandle whole() {
        return whole;
    }

    /** A slice of the {@code @Parallel} loops: {@code (Object[] arguments, LoopSlice slice)void}. */
    public MethodHandle sliced() {
        if (sliced == null) {
            sliced = define(SlicedKernel.classFile(lookup, model, loops),
                    type.appendParameterTypes(LoopSlice.class));
        }
        return sliced;
    }

    /** Work-items one after the other: {@code (Object[] arguments, WorkItemContext item, int items)void}. */
    public MethodHandle workItems() {
        if (workItems == null) {
            workItems = define(
                    WorkItemLoop.classFile(lookup, model.methodName().stringValue(),
                            model.methodTypeSymbol()),
                    type.appendParameterTypes(WorkItemContext.class, int.class).changeReturnType(void.class));
        }
        return workItems;
    }

    /** Whether {@code argument} is a boxed primitive: a constant of the compiled kernel on a device. */
    public static boolean isConstant(Object argument) {
        return argument instanceof Number || argument instanceof Character || argument instanceof Boolean;
    }

    /** Defines a class with a version of this kernel, and gives that version with the kernel's arguments in one array. */
    private MethodHandle define(byte[] classFile, MethodType version) {
        try {
            MethodHandles.Lookup hidden = lookup.defineHiddenClass(classFile, true, ClassOption.NESTMATE);
            int arguments = type.parameterCount();
            MethodType untyped = version.generic().dropParameterTypes(arguments, version.parameterCount())
                    .appendParameterTypes(
                            version.parameterList().subList(arguments, version.parameterCount()))
                    .changeReturnType(void.class);
            return hidden.findStatic(hidden.lookupClass(), model.methodName().stringValue(), version)
                    .asType(untyped)
                    .asSpreader(0, Object[].class, arguments);
        } catch (ReflectiveOperationException e) {
            throw new HostEngineException("kernel " + name + " cannot be prepared", e);
        }
    }

    private void rejectReductions() {
        String reduce = Reduce.class.descriptorString();
        model.findAttribute(Attributes.runtimeVisibleParameterAnnotations()).ifPresent(attribute -> {
            if (attribute.parameterAnnotations().stream().flatMap(List::stream)
                    .anyMatch(a -> a.className().equalsString(reduce))) {
                throw HostEngineException.notSupported("@Reduce (kernel " + name + ")");
            }
        });
    }
}
