package org.quantado.host.kernel;

import java.lang.classfile.ClassFile;
import java.lang.classfile.CodeBuilder;
import java.lang.classfile.Label;
import java.lang.classfile.TypeKind;
import java.lang.constant.ClassDesc;
import java.lang.constant.ConstantDescs;
import java.lang.constant.MethodTypeDesc;
import java.lang.invoke.MethodHandles;

import uk.ac.manchester.tornado.api.KernelContext;

/**
 * Makes a method that runs a KernelContext kernel for work-items one after the other, so that the compiler sees the
 * kernel inside a loop instead of behind a method handle. It takes the kernel's arguments, the context to use instead of
 * the one among them, and the number of work-items.
 */
final class WorkItemLoop {
    private static final ClassDesc WORK_ITEM = WorkItemContext.class.describeConstable().orElseThrow();
    private static final ClassDesc KERNEL_CONTEXT = KernelContext.class.describeConstable().orElseThrow();
    private static final MethodTypeDesc MOVE_TO = MethodTypeDesc.of(ConstantDescs.CD_void,
            ConstantDescs.CD_int);

    private WorkItemLoop() {
    }

    /** The class file of a class beside {@code owner} with one method, named as the kernel. */
    static byte[] classFile(MethodHandles.Lookup owner, String kernel, MethodTypeDesc type) {
        MethodTypeDesc looped = type
                .insertParameterTypes(type.parameterCount(), WORK_ITEM, ConstantDescs.CD_int)
                .changeReturnType(ConstantDescs.CD_void);
        return ClassFile.of().build(ClassDesc.of(owner.lookupClass().getName() + "$WorkItems"),
                c -> c.withFlags(ClassFile.ACC_FINAL | ClassFile.ACC_SYNTHETIC).withMethodBody(kernel, looped,
                        ClassFile.ACC_STATIC, code -> body(code, owner.lookupClass(), kernel, type)));
    }

    private static void body(CodeBuilder code, Class<?> owner, String kernel, MethodTypeDesc type) {
        int item = code.parameterSlot(type.parameterCount());
        int items = code.parameterSlot(type.parameterCount() + 1);
        int next = code.allocateLocal(TypeKind.INT);
        Label test = code.newLabel();
        Label done = code.newLabel();
        code.iconst_0().istore(next).labelBinding(test).iload(next).iload(items).if_icmpge(done);
        code.aload(item).iload(next).invokevirtual(WORK_ITEM, "moveTo", MOVE_TO);
        for (int p = 0; p < type.parameterCount(); p++) {
            ClassDesc parameter = type.parameterType(p);
            int slot = parameter.equals(KERNEL_CONTEXT) ? item : code.parameterSlot(p);
            code.loadLocal(TypeKind.from(parameter), slot);
        }
        code.invokestatic(owner.describeConstable().orElseThrow(), kernel, type, owner.isInterface());
        for (int i = 0; i < TypeKind.from(type.returnType()).slotSize(); i++) {
            code.pop();
        }
        code.iinc(next, 1).goto_(test).labelBinding(done).return_();
    }
}
