package org.quantado.host.kernel;

import java.lang.classfile.ClassBuilder;
import java.lang.classfile.ClassFile;
import java.lang.classfile.CodeBuilder;
import java.lang.classfile.CodeElement;
import java.lang.classfile.CodeTransform;
import java.lang.classfile.Label;
import java.lang.classfile.MethodModel;
import java.lang.classfile.TypeKind;
import java.lang.constant.ClassDesc;
import java.lang.constant.ConstantDescs;
import java.lang.constant.MethodTypeDesc;
import java.lang.invoke.MethodHandles;
import java.lang.reflect.AccessFlag;

import uk.ac.manchester.tornado.api.KernelContext;

/**
 * Makes a method that runs a KernelContext kernel for work-items one after the other, so that the compiler sees the
 * kernel inside a loop instead of behind a method handle. It takes the kernel's arguments, the context to use instead of
 * the one among them, the number of work-items, and {@link DeviceAtomics}. The kernel itself is copied, so that it gets its
 * ids as numbers, unless it is to run as it was compiled, for a debugger.
 */
final class WorkItemLoop {
    private static final ClassDesc WORK_ITEM = WorkItemContext.class.describeConstable().orElseThrow();
    private static final ClassDesc KERNEL_CONTEXT = KernelContext.class.describeConstable().orElseThrow();
    private static final ClassDesc DEVICE_ATOMICS = DeviceAtomics.class.describeConstable().orElseThrow();
    private static final MethodTypeDesc MOVE_TO = MethodTypeDesc.of(ConstantDescs.CD_void, ConstantDescs.CD_int);
    static final String LOOP = "workItems";

    private final MethodHandles.Lookup owner;
    private final MethodModel method;
    private final MethodTypeDesc parameters;
    private final boolean copied;

    private WorkItemLoop(MethodHandles.Lookup owner, MethodModel method, boolean copied) {
        this.owner = owner;
        this.method = method;
        this.parameters = KernelCopy.parameters(method);
        this.copied = copied;
    }

    /** The class file of a class beside {@code owner} with a method named {@code workItems}. */
    static byte[] classFile(MethodHandles.Lookup owner, MethodModel method, boolean copied) {
        WorkItemLoop loop = new WorkItemLoop(owner, method, copied);
        return KernelCopy.classFile(owner, "$WorkItems", method, loop::build);
    }

    private void build(ClassBuilder builder) {
        MethodTypeDesc looped = parameters
                .insertParameterTypes(parameters.parameterCount(), WORK_ITEM, ConstantDescs.CD_int, DEVICE_ATOMICS)
                .changeReturnType(ConstantDescs.CD_void);
        builder.withMethodBody(LOOP, looped, ClassFile.ACC_STATIC, this::body);
        if (copied) {
            KernelCopy.add(builder, method, copyType(), CodeTransform.ofStateful(this::storeAtomics));
        }
    }

    private CodeTransform storeAtomics() {
        return new CodeTransform() {
            @Override
            public void atStart(CodeBuilder builder) {
                builder.aload(KernelCopy.parameterSlots(method)).astore(KernelCopy.atomicsLocal(method));
            }

            @Override
            public void accept(CodeBuilder builder, CodeElement element) {
                builder.with(element);
            }
        };
    }

    private MethodTypeDesc copyType() {
        return parameters.insertParameterTypes(parameters.parameterCount(), DEVICE_ATOMICS);
    }

    private void body(CodeBuilder code) {
        int item = code.parameterSlot(parameters.parameterCount());
        int items = code.parameterSlot(parameters.parameterCount() + 1);
        int next = code.allocateLocal(TypeKind.INT);
        Label test = code.newLabel();
        Label done = code.newLabel();
        code.iconst_0().istore(next).labelBinding(test).iload(next).iload(items).if_icmpge(done);
        code.aload(item).iload(next).invokevirtual(WORK_ITEM, "moveTo", MOVE_TO);
        for (int p = 0; p < parameters.parameterCount(); p++) {
            ClassDesc parameter = parameters.parameterType(p);
            int slot = parameter.equals(KERNEL_CONTEXT) ? item : code.parameterSlot(p);
            code.loadLocal(TypeKind.from(parameter), slot);
        }
        call(code);
        for (int i = 0; i < TypeKind.from(parameters.returnType()).slotSize(); i++) {
            code.pop();
        }
        code.iinc(next, 1).goto_(test).labelBinding(done).return_();
    }

    private void call(CodeBuilder code) {
        ClassDesc type = owner.lookupClass().describeConstable().orElseThrow();
        String name = method.methodName().stringValue();
        boolean isInterface = owner.lookupClass().isInterface();
        if (copied) {
            code.aload(code.parameterSlot(parameters.parameterCount() + 2)).invokestatic(
                    ClassDesc.of(owner.lookupClass().getName() + "$WorkItems"), name, copyType());
        } else if (method.flags().has(AccessFlag.STATIC)) {
            code.invokestatic(type, name, method.methodTypeSymbol(), isInterface);
        } else if (isInterface) {
            code.invokeinterface(type, name, method.methodTypeSymbol());
        } else {
            code.invokevirtual(type, name, method.methodTypeSymbol());
        }
    }
}
