package org.quantado.host.bytecode;

import java.io.IOException;
import java.io.InputStream;
import java.lang.classfile.ClassFile;
import java.lang.classfile.ClassModel;
import java.lang.classfile.MethodModel;
import java.lang.constant.ClassDesc;
import java.util.Optional;

import org.quantado.host.HostEngineException;

/** The class files behind classes, read once each. */
public final class ClassFiles {
    private static final ClassValue<byte[]> BYTES = new ClassValue<>() {
        @Override
        protected byte[] computeValue(Class<?> type) {
            return read(type);
        }
    };

    private ClassFiles() {
    }

    /** The class file of a class, for the calling thread alone: models are read as they are used. */
    public static ClassModel of(Class<?> type) {
        return ClassFile.of().parse(BYTES.get(type));
    }

    /** A method of a class, for the calling thread alone. */
    public static Optional<MethodModel> method(Class<?> type, String name, String descriptor) {
        return of(type).methods().stream()
                .filter(m -> m.methodName().equalsString(name) && m.methodType().equalsString(descriptor))
                .findFirst();
    }

    private static byte[] read(Class<?> type) {
        String file = type.getName().substring(type.getPackageName().isEmpty()
                ? 0
                : type.getPackageName().length() + 1) + ".class";
        try (InputStream in = type.getResourceAsStream(file)) {
            if (in == null) {
                throw new HostEngineException("the class file of " + type.getName() + " cannot be found");
            }
            return in.readAllBytes();
        } catch (IOException e) {
            throw new HostEngineException("the class file of " + type.getName() + " cannot be read", e);
        }
    }

    /** The name by which a class is loaded. */
    public static String binaryName(ClassDesc type) {
        return type.isArray()
                ? type.displayName()
                : type.packageName().isEmpty()
                        ? internalSimpleName(type)
                        : type.packageName() + '.' + internalSimpleName(type);
    }

    private static String internalSimpleName(ClassDesc type) {
        String descriptor = type.descriptorString();
        return descriptor.substring(Math.max(descriptor.lastIndexOf('/') + 1, 1), descriptor.length() - 1);
    }
}
