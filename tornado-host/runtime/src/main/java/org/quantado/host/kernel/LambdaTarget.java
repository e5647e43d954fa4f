package org.quantado.host.kernel;

import java.lang.classfile.CodeElement;
import java.lang.classfile.CodeModel;
import java.lang.classfile.MethodModel;
import java.lang.classfile.instruction.InvokeDynamicInstruction;
import java.lang.constant.ClassDesc;
import java.lang.constant.DirectMethodHandleDesc;
import java.lang.constant.MethodTypeDesc;
import java.lang.invoke.MethodType;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;

import org.quantado.host.HostEngineException;
import org.quantado.host.bytecode.ClassFiles;

/**
 * Finds the static method that a task's lambda stands for.
 *
 * <p>
 * The API's functional interfaces are not serializable, so a lambda does not tell. What it may stand for is written in
 * the class that made it: the {@code invokedynamic} instructions that give the lambda's interface. Where several of
 * them suit the task's arguments, the lambda is called once with null for every array: its method cannot touch any data
 * then, and names itself in the stack trace of the exception that it throws.
 */
final class LambdaTarget {
    private static final Set<DirectMethodHandleDesc.Kind> STATIC = EnumSet.of(DirectMethodHandleDesc.Kind.STATIC,
            DirectMethodHandleDesc.Kind.INTERFACE_STATIC);
    private static final String LAMBDA_CLASS_INFIX = "$$Lambda";
    /** The arguments with which javac calls LambdaMetafactory: erased type, implementation, type. */
    private static final int IMPLEMENTATION = 1;
    private static final int TYPE = 2;

    private LambdaTarget() {
    }

    /** The method behind {@code lambda}, which a task is going to call with {@code arguments}. */
    static DirectMethodHandleDesc of(Object lambda, List<Object> arguments) {
        Class<?> type = lambda.getClass();
        int infix = type.getName().indexOf(LAMBDA_CLASS_INFIX);
        if (!type.isHidden() || infix < 0) {
            throw new HostEngineException(
                    "a task's code must be a lambda or a reference to a static method, but is a "
                            + type.getName());
        }
        if (type.getDeclaredFields().length > 0) {
            throw new HostEngineException("a task's code in " + type.getName().substring(0, infix)
                    + " captures variables; a kernel is a static method and takes all it needs as arguments");
        }
        Class<?> maker = load(type.getName().substring(0, infix), type.getClassLoader());
        Class<?> functionType = type.getInterfaces()[0];
        List<DirectMethodHandleDesc> candidates = candidates(maker, functionType, arguments);
        if (candidates.size() == 1) {
            return candidates.getFirst();
        }
        if (candidates.isEmpty()) {
            throw new HostEngineException("a task's code in " + maker.getName()
                    + " is not a static method that takes " + arguments.size() + " such arguments");
        }
        StackTraceElement named = nameOfCalled(functionType, lambda, arguments);
        List<DirectMethodHandleDesc> matching = candidates.stream().filter(c -> isSame(c, named)).toList();
        if (matching.size() != 1) {
            throw new HostEngineException("cannot tell which of the kernels named " + named.getMethodName()
                    + " a task in " + maker.getName() + " means; give each a name of its own");
        }
        return matching.getFirst();
    }

    private static Class<?> load(String name, ClassLoader loader) {
        try {
            return Class.forName(name, false, loader);
        } catch (ClassNotFoundException e) {
            throw new HostEngineException("the class " + name + " that made a task's lambda cannot be loaded",
                    e);
        }
    }

    /** The static methods for which {@code maker} makes lambdas that take {@code arguments}. */
    private static List<DirectMethodHandleDesc> candidates(Class<?> maker, Class<?> functionType,
            List<Object> arguments) {
        ClassDesc wanted = functionType.describeConstable().orElseThrow();
        Set<DirectMethodHandleDesc> found = new LinkedHashSet<>();
        for (MethodModel method : ClassFiles.of(maker).methods()) {
            for (CodeElement element : method.code().map(CodeModel::elementList).orElse(List.of())) {
                if (element instanceof InvokeDynamicInstruction indy && indy.typeSymbol().returnType().equals(wanted)
                        && indy.bootstrapArgs().get(TYPE) instanceof MethodTypeDesc type
                        && takes(type, arguments, maker.getClassLoader())
                        && indy.bootstrapArgs().get(IMPLEMENTATION) instanceof DirectMethodHandleDesc handle
                        && STATIC.contains(handle.kind())) {
                    found.add(handle);
                }
            }
        }
        return new ArrayList<>(found);
    }

    private static boolean takes(MethodTypeDesc type, List<Object> arguments, ClassLoader loader) {
        MethodType parameters = MethodType.fromMethodDescriptorString(type.descriptorString(), loader);
        return IntStream.range(0, arguments.size())
                .allMatch(i -> parameters.parameterType(i).isInstance(arguments.get(i)));
    }

    private static StackTraceElement nameOfCalled(Class<?> functionType, Object lambda,
            List<Object> arguments) {
        Method apply = functionType.getMethods()[0];
        Object[] nulls = arguments.stream().map(a -> KernelMethod.isConstant(a) ? a : null).toArray();
        Throwable thrown;
        try {
            apply.invoke(lambda, nulls);
            throw new HostEngineException(
                    "cannot tell which kernel a task means: called without arrays, it does nothing");
        } catch (InvocationTargetException e) {
            thrown = e.getCause();
        } catch (IllegalAccessException e) {
            throw new HostEngineException("a task's code cannot be called", e);
        }
        StackTraceElement[] trace = thrown.getStackTrace();
        int i = 0;
        while (i < trace.length && !isReflection(trace[i])) {
            i++;
        }
        if (i == 0 || i == trace.length) {
            throw new HostEngineException("cannot tell which kernel a task means", thrown);
        }
        return trace[i - 1];
    }

    private static boolean isReflection(StackTraceElement frame) {
        return frame.getClassName().startsWith("jdk.internal.reflect.")
                || frame.getClassName().startsWith("java.lang.reflect.");
    }

    private static boolean isSame(DirectMethodHandleDesc candidate, StackTraceElement frame) {
        return candidate.methodName().equals(frame.getMethodName())
                && ClassFiles.binaryName(candidate.owner()).equals(frame.getClassName());
    }
}
