package org.quantado.host.kernel;

import java.io.IOException;
import java.io.InputStream;
import java.lang.classfile.ClassFile;
import java.lang.classfile.ClassModel;
import java.lang.classfile.MethodModel;
import java.util.Optional;

import org.quantado.host.HostEngineException;

/** The class files behind classes, parsed once each. */
final class ClassFiles {
    private static final ClassValue<ClassModel> MODELS = new ClassValue<>() {
        @Override
        protected ClassModel computeValue(Class<?> type) {
            return parse(type);
        }
    };

    private ClassFiles() {
    }

    static ClassModel of(Class<?> type) {
        return MODELS.get(type);
    }

    static Optional<MethodModel> method(Class<?> type, String name, String descriptor) {
        return of(type).methods().stream()
                .filter(m -> m.methodName().equalsString(name) && m.methodType().equalsString(descriptor))
                .findFirst();
    }

    private static ClassModel parse(Class<?> type) {
        String file = type.getName().substring(type.getPackageName().isEmpty()
                ? 0
                : type.getPackageName().length() + 1) + ".class";
        try (InputStream in = type.getResourceAsStream(file)) {
            if (in == null) {
                throw new HostEngineException("the class file of " + type.getName() + " cannot be found");
            }
            return ClassFile.of().parse(in.readAllBytes());
        } catch (IOException e) {
            throw new HostEngineException("the class file of " + type.getName() + " cannot be read", e);
        }
    }
}
