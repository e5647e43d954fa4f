package org.quantado.host.kernel;

import java.lang.classfile.Attributes;
import java.lang.classfile.ClassBuilder;
import java.lang.classfile.ClassFile;
import java.lang.classfile.ClassHierarchyResolver;
import java.lang.classfile.CodeBuilder;
import java.lang.classfile.CodeElement;
import java.lang.classfile.CodeModel;
import java.lang.classfile.CodeTransform;
import java.lang.classfile.Instruction;
import java.lang.classfile.MethodModel;
import java.lang.classfile.Opcode;
import java.lang.classfile.TypeKind;
import java.lang.classfile.attribute.CodeAttribute;
import java.lang.classfile.attribute.RuntimeVisibleTypeAnnotationsAttribute;
import java.lang.classfile.attribute.SourceFileAttribute;
import java.lang.classfile.instruction.FieldInstruction;
import java.lang.classfile.instruction.InvokeInstruction;
import java.lang.classfile.instruction.NewObjectInstruction;
import java.lang.classfile.instruction.StackInstruction;
import java.lang.constant.ClassDesc;
import java.lang.constant.ConstantDescs;
import java.lang.constant.MethodTypeDesc;
import java.lang.invoke.MethodHandles;
import java.lang.reflect.AccessFlag;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;

import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.exceptions.Debug;

/**
 * A copy of a kernel as a static method of another class, in which it gets the AtomicIntegers that it makes from
 * {@link DeviceAtomics}, its ids as numbers from {@link WorkItemContext}, and prints through {@link DevicePrint}.
 */
final class KernelCopy {
    private static final ClassDesc ATOMIC_INTEGER = AtomicInteger.class.describeConstable().orElseThrow();
    private static final ClassDesc DEVICE_ATOMICS = DeviceAtomics.class.describeConstable().orElseThrow();
    private static final ClassDesc DEBUG = Debug.class.describeConstable().orElseThrow();
    private static final ClassDesc DEVICE_PRINT = DevicePrint.class.describeConstable().orElseThrow();
    private static final ClassDesc KERNEL_CONTEXT = KernelContext.class.describeConstable().orElseThrow();
    private static final ClassDesc WORK_ITEM = WorkItemContext.class.describeConstable().orElseThrow();
    private static final MethodTypeDesc ID = MethodTypeDesc.of(ConstantDescs.CD_int);
    private static final MethodTypeDesc BOX = MethodTypeDesc.of(ConstantDescs.CD_Integer, ConstantDescs.CD_int);
    private static final MethodTypeDesc GET = MethodTypeDesc.of(ATOMIC_INTEGER, ConstantDescs.CD_int, DEVICE_ATOMICS,
            ConstantDescs.CD_int);

    private KernelCopy() {
    }

    /** The kernel's parameters, the object that it is a method of being the first. */
    static MethodTypeDesc parameters(MethodModel method) {
        MethodTypeDesc type = method.methodTypeSymbol();
        return method.flags().has(AccessFlag.STATIC)
                ? type
                : type.insertParameterTypes(0, method.parent().orElseThrow().thisClass().asSymbol());
    }

    /** The class file of a class beside {@code owner}, with {@code suffix} to its name. */
    static byte[] classFile(MethodHandles.Lookup owner, String suffix, MethodModel method,
            Consumer<ClassBuilder> members) {
        ClassFile classFile = ClassFile.of(ClassFile.StackMapsOption.GENERATE_STACK_MAPS,
                ClassFile.ClassHierarchyResolverOption.of(ClassHierarchyResolver.ofClassLoading(owner)));
        return classFile.build(ClassDesc.of(owner.lookupClass().getName() + suffix), builder -> {
            builder.withFlags(ClassFile.ACC_FINAL | ClassFile.ACC_SYNTHETIC);
            method.parent().orElseThrow().findAttribute(Attributes.sourceFile())
                    .ifPresent(source -> builder.with(SourceFileAttribute.of(source.sourceFile())));
            members.accept(builder);
        });
    }

    /** Adds the copy as a static method of this type, whose code {@code transform} makes. */
    static void add(ClassBuilder builder, MethodModel method, MethodTypeDesc type, CodeTransform transform) {
        builder.withMethod(method.methodName().stringValue(), type, ClassFile.ACC_STATIC,
                m -> m.transformCode((CodeModel) code(method), transform.andThen(deviceCalls(atomicsLocal(method)))));
    }

    static CodeAttribute code(MethodModel method) {
        return (CodeAttribute) method.code().orElseThrow();
    }

    /** The first local beyond all that the kernel itself uses; the copy's DeviceAtomics belong there. */
    static int atomicsLocal(MethodModel method) {
        return Math.max(code(method).maxLocals(), parameterSlots(method) + 2);
    }

    /** How many locals the kernel's parameters take. */
    static int parameterSlots(MethodModel method) {
        return parameters(method).parameterList().stream()
                .mapToInt(p -> TypeKind.from(p).slotSize()).sum();
    }

    private static boolean isUnboxing(CodeElement element) {
        return element instanceof InvokeInstruction i && i.owner().asSymbol().equals(ConstantDescs.CD_Integer)
                && i.name().equalsString("intValue");
    }

    /** Of making an AtomicInteger, replaces {@code new}, {@code dup} and the constructor's call. */
    private static CodeTransform deviceCalls(int local) {
        return CodeTransform.ofStateful(() -> new CodeTransform() {
            private boolean dropsDup;
            private boolean holdsId;
            private int site;

            @Override
            public void accept(CodeBuilder builder, CodeElement element) {
                if (holdsId && element instanceof Instruction) {
                    holdsId = false;
                    if (isUnboxing(element)) {
                        return;
                    }
                    builder.invokestatic(ConstantDescs.CD_Integer, "valueOf", BOX);
                }
                if (element instanceof FieldInstruction f && f.owner().asSymbol().equals(KERNEL_CONTEXT)) {
                    builder.checkcast(WORK_ITEM).invokevirtual(WORK_ITEM, f.name().stringValue(), ID);
                    holdsId = true;
                } else if (element instanceof NewObjectInstruction n
                        && n.className().asSymbol().equals(ATOMIC_INTEGER)) {
                    dropsDup = true;
                } else if (dropsDup && element instanceof StackInstruction s && s.opcode() == Opcode.DUP) {
                    dropsDup = false;
                } else if (element instanceof InvokeInstruction i && i.opcode() == Opcode.INVOKESPECIAL
                        && i.owner().asSymbol().equals(ATOMIC_INTEGER)) {
                    if (i.typeSymbol().parameterCount() == 0) {
                        builder.iconst_0();
                    }
                    builder.aload(local).loadConstant(site++).invokestatic(DEVICE_ATOMICS, "get", GET);
                } else if (element instanceof InvokeInstruction i && i.owner().asSymbol().equals(DEBUG)) {
                    builder.invokestatic(DEVICE_PRINT, i.name().stringValue(), i.typeSymbol());
                } else if (!(element instanceof RuntimeVisibleTypeAnnotationsAttribute)) {
                    builder.with(element);
                }
            }
        });
    }
}
