package org.quantado.host.kernel;

import java.lang.classfile.CodeElement;
import java.lang.classfile.CodeModel;
import java.lang.classfile.MethodModel;
import java.lang.classfile.instruction.InvokeDynamicInstruction;
import java.lang.constant.ClassDesc;
import java.lang.constant.DirectMethodHandleDesc;
import java.lang.constant.MethodTypeDesc;
import java.lang.invoke.MethodType;
import java.lang.reflect.Field;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.IntStream;

import org.quantado.host.HostEngineException;
import org.quantado.host.bytecode.ClassFiles;

/**
 * Finds the method that a task's lambda stands for.
 *
 * <p>
 * The API's functional interfaces are not serializable, so a lambda does not tell. What it may stand for is written in
 * the class that made it: the {@code invokedynamic} instructions that give the lambda's interface. Where several of
 * them suit the task's arguments, the code of the methods that are being executed shows which one made this lambda. Only
 * one that was kept in a field, a collection or a variable before is called, once, with null for every array: its method
 * cannot touch any data then, and names itself in the stack trace of the exception that it throws.
 */
final class LambdaTarget {
    private static final Set<DirectMethodHandleDesc.Kind> METHODS = EnumSet.complementOf(EnumSet.of(
            DirectMethodHandleDesc.Kind.CONSTRUCTOR, DirectMethodHandleDesc.Kind.GETTER,
            DirectMethodHandleDesc.Kind.SETTER, DirectMethodHandleDesc.Kind.STATIC_GETTER,
            DirectMethodHandleDesc.Kind.STATIC_SETTER));
    static final String LAMBDA_CLASS_INFIX = "$$Lambda";
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
                    "a task's code must be a lambda or a reference to a method, but is a "
                            + type.getName());
        }
        Class<?> maker = load(type.getName().substring(0, infix), type.getClassLoader());
        Class<?> functionType = type.getInterfaces()[0];
        List<DirectMethodHandleDesc> candidates = candidates(maker, functionType, captured(lambda), arguments);
        if (candidates.size() == 1) {
            return candidates.getFirst();
        }
        if (candidates.isEmpty()) {
            throw new HostEngineException("a task's code in " + maker.getName()
                    + " is not a method that takes " + arguments.size() + " such arguments");
        }
        Optional<DirectMethodHandleDesc> origin = LambdaOrigin.find(lambda).map(LambdaTarget::implementation);
        if (origin.filter(candidates::contains).isPresent()) {
            return origin.get();
        }
        StackTraceElement named = nameOfCalled(functionType, lambda, arguments);
        List<DirectMethodHandleDesc> matching = candidates.stream().filter(c -> isSame(c, named)).toList();
        if (matching.size() != 1) {
            throw new HostEngineException("cannot tell which of the kernels named " + named.getMethodName()
                    + " a task in " + maker.getName() + " means; give each a name of its own");
        }
        return matching.getFirst();
    }

    /** What a lambda takes from where it is made, the object that its method is called on being the first. */
    static List<Object> captured(Object lambda) {
        List<Object> values = new ArrayList<>();
        for (Field field : lambda.getClass().getDeclaredFields()) {
            try {
                field.setAccessible(true);
                values.add(field.get(lambda));
            } catch (IllegalAccessException e) {
                throw new HostEngineException("a variable that a task's code captures cannot be read", e);
            }
        }
        return values;
    }

    private static Class<?> load(String name, ClassLoader loader) {
        try {
            return Class.forName(name, false, loader);
        } catch (ClassNotFoundException e) {
            throw new HostEngineException("the class " + name + " that made a task's lambda cannot be loaded",
                    e);
        }
    }

    /** The methods for which {@code maker} makes lambdas that capture and take such values. */
    private static List<DirectMethodHandleDesc> candidates(Class<?> maker, Class<?> functionType,
            List<Object> captured, List<Object> arguments) {
        ClassDesc wanted = functionType.describeConstable().orElseThrow();
        Set<DirectMethodHandleDesc> found = new LinkedHashSet<>();
        for (MethodModel method : ClassFiles.of(maker).methods()) {
            for (CodeElement element : method.code().map(CodeModel::elementList).orElse(List.of())) {
                if (element instanceof InvokeDynamicInstruction indy && indy.typeSymbol().returnType().equals(wanted)
                        && indy.bootstrapArgs().get(TYPE) instanceof MethodTypeDesc type
                        && takes(type, arguments, maker.getClassLoader())
                        && takes(indy.typeSymbol(), captured, maker.getClassLoader())
                        && indy.bootstrapArgs().get(IMPLEMENTATION) instanceof DirectMethodHandleDesc handle
                        && METHODS.contains(handle.kind())) {
                    found.add(handle);
                }
            }
        }
        return new ArrayList<>(found);
    }

    private static DirectMethodHandleDesc implementation(InvokeDynamicInstruction indy) {
        return indy.bootstrapArgs().get(IMPLEMENTATION) instanceof DirectMethodHandleDesc handle ? handle : null;
    }

    private static boolean takes(MethodTypeDesc type, List<Object> arguments, ClassLoader loader) {
        MethodType parameters = MethodType.fromMethodDescriptorString(type.descriptorString(), loader).wrap();
        return parameters.parameterCount() == arguments.size() && IntStream.range(0, arguments.size())
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
                    "cannot tell which kernel a task means: its code was made elsewhere, and called without arrays it"
                            + " does nothing; expected a lambda or method reference in the call of TaskGraph.task");
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
