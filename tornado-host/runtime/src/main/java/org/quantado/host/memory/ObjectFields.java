package org.quantado.host.memory;

import java.lang.reflect.Constructor;
import java.lang.reflect.Field;
import java.lang.reflect.InaccessibleObjectException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Modifier;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

import org.quantado.host.HostEngineException;

/**
 * Objects that a device holds field by field: numbers, and what it can hold in turn. Fields of other types are the
 * user's own on both sides.
 */
final class ObjectFields {
    private static final String JAVA = "java.";

    private static final ClassValue<List<Field>> FIELDS = new ClassValue<>() {
        @Override
        protected List<Field> computeValue(Class<?> type) {
            List<Field> fields = new ArrayList<>();
            for (Class<?> c = type; c != null && !c.getName().startsWith(JAVA); c = c.getSuperclass()) {
                for (Field field : c.getDeclaredFields()) {
                    if (!Modifier.isStatic(field.getModifiers())) {
                        field.setAccessible(true);
                        fields.add(field);
                    }
                }
            }
            return fields;
        }
    };

    private ObjectFields() {
    }

    /** Whether objects of this class can be held: it is neither the JDK's own nor a lambda, an enum or a record. */
    static boolean areKnown(Class<?> type) {
        if (type.getName().startsWith(JAVA) || type.isArray() || type.isHidden() || type.isEnum() || type.isRecord()) {
            return false;
        }
        try {
            return !FIELDS.get(type).isEmpty();
        } catch (InaccessibleObjectException _) {
            return false;
        }
    }

    /** The objects in an object's fields that the device holds. */
    static List<Object> held(Object object) {
        return FIELDS.get(object.getClass()).stream().filter(f -> !f.getType().isPrimitive())
                .map(f -> get(f, object)).filter(Objects::nonNull).filter(DeviceObjects::canHold).toList();
    }

    /** An object of the same class without content; no constructor of its runs. */
    static Object allocateLike(Object object) {
        try {
            Class<?> factory = Class.forName("sun.reflect.ReflectionFactory");
            Constructor<?> constructor = (Constructor<?>) factory
                    .getMethod("newConstructorForSerialization", Class.class, Constructor.class)
                    .invoke(factory.getMethod("getReflectionFactory").invoke(null), object.getClass(),
                            Object.class.getDeclaredConstructor());
            Object copy = constructor.newInstance();
            for (Field field : FIELDS.get(object.getClass())) {
                Object value = get(field, object);
                field.set(copy, isHeld(field, value) ? DeviceObjects.allocateLike(value) : value);
            }
            return copy;
        } catch (InvocationTargetException e) {
            throw new HostEngineException("cannot allocate a " + object.getClass().getName(), e.getCause());
        } catch (ReflectiveOperationException e) {
            throw new HostEngineException("cannot allocate a " + object.getClass().getName(), e);
        }
    }

    static void copy(Object from, Object to) {
        for (Field field : FIELDS.get(from.getClass())) {
            Object value = get(field, from);
            if (isHeld(field, value)) {
                DeviceObjects.copy(value, get(field, to));
            } else if (field.getType().isPrimitive() && !Modifier.isFinal(field.getModifiers())) {
                set(field, to, value);
            }
        }
    }

    static Optional<Object> find(Object part, Object host, Object device) {
        for (Field field : DeviceObjects.hasFields(host) ? FIELDS.get(host.getClass()) : List.<Field>of()) {
            Object value = get(field, host);
            Optional<Object> found = isHeld(field, value)
                    ? DeviceObjects.find(part, value, get(field, device))
                    : Optional.empty();
            if (found.isPresent()) {
                return found;
            }
        }
        return Optional.empty();
    }

    private static boolean isHeld(Field field, Object value) {
        return !field.getType().isPrimitive() && value != null && DeviceObjects.canHold(value);
    }

    private static Object get(Field field, Object object) {
        try {
            return field.get(object);
        } catch (IllegalAccessException e) {
            throw new HostEngineException("the field " + field + " cannot be read", e);
        }
    }

    private static void set(Field field, Object object, Object value) {
        try {
            field.set(object, value);
        } catch (IllegalAccessException e) {
            throw new HostEngineException("the field " + field + " cannot be written", e);
        }
    }
}
