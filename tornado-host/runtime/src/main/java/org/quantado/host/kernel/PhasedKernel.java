package org.quantado.host.kernel;

import java.lang.classfile.ClassBuilder;
import java.lang.classfile.ClassFile;
import java.lang.classfile.CodeBuilder;
import java.lang.classfile.CodeElement;
import java.lang.classfile.CodeTransform;
import java.lang.classfile.Label;
import java.lang.classfile.MethodModel;
import java.lang.classfile.TypeKind;
import java.lang.classfile.instruction.InvokeInstruction;
import java.lang.classfile.instruction.ReturnInstruction;
import java.lang.classfile.instruction.StoreInstruction;
import java.lang.classfile.instruction.SwitchCase;
import java.lang.constant.ClassDesc;
import java.lang.constant.ConstantDescs;
import java.lang.constant.MethodTypeDesc;
import java.lang.invoke.MethodHandles;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

import org.quantado.host.bytecode.LocalTypes;
import uk.ac.manchester.tornado.api.KernelContext;

/**
 * Makes a version of a KernelContext kernel that returns at each barrier and goes on behind it when it is called again, so
 * that one thread runs a whole work-group from barrier to barrier. Its locals are kept in an {@link ItemState} meanwhile.
 * The method {@code phase} takes the kernel's arguments, the context to use, {@link DeviceAtomics}, and the states of the
 * group's items, and takes every item that is not done to its next barrier.
 */
final class PhasedKernel {
    static final String PHASE = "phase";
    private static final Set<String> BARRIERS = Set.of("localBarrier", "globalBarrier");
    private static final String CLASS_SUFFIX = "$Phased";
    private static final ClassDesc WORK_ITEM = desc(WorkItemContext.class);
    private static final ClassDesc KERNEL_CONTEXT = desc(KernelContext.class);
    private static final ClassDesc DEVICE_ATOMICS = desc(DeviceAtomics.class);
    private static final ClassDesc ITEM_STATE = desc(ItemState.class);
    private static final ClassDesc NUMBERS = ConstantDescs.CD_long.arrayType();
    private static final ClassDesc REFERENCES = ConstantDescs.CD_Object.arrayType();
    private static final MethodTypeDesc MOVE_TO = MethodTypeDesc.of(ConstantDescs.CD_void, ConstantDescs.CD_int);

    private final MethodHandles.Lookup owner;
    private final MethodModel method;
    private final MethodTypeDesc parameters;
    private final List<Map<Integer, ClassDesc>> saved = new ArrayList<>();

    private PhasedKernel(MethodHandles.Lookup owner, MethodModel method) {
        this.owner = owner;
        this.method = method;
        this.parameters = KernelCopy.parameters(method);
        List<CodeElement> elements = KernelCopy.code(method).elementList();
        LocalTypes types = LocalTypes.of(method);
        Set<Integer> stored = elements.stream().filter(StoreInstruction.class::isInstance)
                .map(e -> ((StoreInstruction) e).slot()).collect(Collectors.toSet());
        for (int i = 0; i < elements.size(); i++) {
            if (isBarrier(elements.get(i))) {
                Map<Integer, ClassDesc> locals = types.before(i);
                locals.keySet().removeIf(slot -> slot < KernelCopy.parameterSlots(method) && !stored.contains(slot));
                saved.add(locals);
            }
        }
    }

    /** The class file of a class beside {@code owner} with the method {@code phase}. */
    static byte[] classFile(MethodHandles.Lookup owner, MethodModel method) {
        PhasedKernel kernel = new PhasedKernel(owner, method);
        return KernelCopy.classFile(owner, CLASS_SUFFIX, method, kernel::build);
    }

    /** Locals that a state must have room for. */
    static int locals(MethodModel method) {
        return KernelCopy.atomicsLocal(method);
    }

    private static ClassDesc desc(Class<?> type) {
        return type.describeConstable().orElseThrow();
    }

    private static boolean isBarrier(CodeElement element) {
        return element instanceof InvokeInstruction i && i.owner().asSymbol().equals(KERNEL_CONTEXT)
                && BARRIERS.contains(i.name().stringValue());
    }

    private MethodTypeDesc with(ClassDesc... more) {
        return parameters.insertParameterTypes(parameters.parameterCount(), more)
                .changeReturnType(ConstantDescs.CD_void);
    }

    private void build(ClassBuilder builder) {
        builder.withMethodBody(PHASE, with(WORK_ITEM, DEVICE_ATOMICS, ITEM_STATE.arrayType()), ClassFile.ACC_STATIC,
                this::phase);
        KernelCopy.add(builder, method, with(DEVICE_ATOMICS, ITEM_STATE), CodeTransform.ofStateful(Resumable::new));
    }

    private void phase(CodeBuilder code) {
        int item = code.parameterSlot(parameters.parameterCount());
        int atomics = code.parameterSlot(parameters.parameterCount() + 1);
        int states = code.parameterSlot(parameters.parameterCount() + 2);
        int next = code.allocateLocal(TypeKind.INT);
        Label test = code.newLabel();
        Label skip = code.newLabel();
        Label done = code.newLabel();
        code.iconst_0().istore(next).labelBinding(test).iload(next).aload(states).arraylength().if_icmpge(done);
        code.aload(states).iload(next).aaload().getfield(ITEM_STATE, "point", ConstantDescs.CD_int).iflt(skip);
        code.aload(item).iload(next).invokevirtual(WORK_ITEM, "moveTo", MOVE_TO);
        for (int p = 0; p < parameters.parameterCount(); p++) {
            ClassDesc parameter = parameters.parameterType(p);
            code.loadLocal(TypeKind.from(parameter),
                    parameter.equals(KERNEL_CONTEXT) ? item : code.parameterSlot(p));
        }
        code.aload(atomics).aload(states).iload(next).aaload().invokestatic(
                ClassDesc.of(owner.lookupClass().getName() + CLASS_SUFFIX), method.methodName().stringValue(),
                with(DEVICE_ATOMICS, ITEM_STATE));
        code.labelBinding(skip).iinc(next, 1).goto_(test).labelBinding(done).return_();
    }

    /** The kernel's code, with a way out and a way back in at each barrier. */
    private final class Resumable implements CodeTransform {
        private final int stateLocal = KernelCopy.atomicsLocal(method) + 1;
        private final List<Label> points = new ArrayList<>();
        private int barriers;

        @Override
        public void atStart(CodeBuilder code) {
            int slots = KernelCopy.parameterSlots(method);
            code.aload(slots + 1).astore(stateLocal);
            code.aload(slots).astore(KernelCopy.atomicsLocal(method));
            Label begin = code.newLabel();
            saved.forEach(_ -> points.add(code.newLabel()));
            code.aload(stateLocal).getfield(ITEM_STATE, "point", ConstantDescs.CD_int)
                    .tableswitch(begin, IntStream.range(0, points.size())
                            .mapToObj(i -> SwitchCase.of(i + 1, points.get(i))).toList())
                    .labelBinding(begin);
        }

        @Override
        public void accept(CodeBuilder code, CodeElement element) {
            if (isBarrier(element)) {
                code.pop();
                saved.get(barriers).forEach((slot, type) -> save(code, slot, type));
                leave(code, barriers + 1);
                code.labelBinding(points.get(barriers));
                saved.get(barriers).forEach((slot, type) -> restore(code, slot, type));
                barriers++;
            } else if (element instanceof ReturnInstruction) {
                leave(code, ItemState.DONE);
            } else {
                code.with(element);
            }
        }

        private void leave(CodeBuilder code, int point) {
            code.aload(stateLocal).loadConstant(point).putfield(ITEM_STATE, "point", ConstantDescs.CD_int).return_();
        }

        private void save(CodeBuilder code, int slot, ClassDesc type) {
            boolean isNumber = type.isPrimitive();
            code.aload(stateLocal).getfield(ITEM_STATE, isNumber ? "numbers" : "references",
                    isNumber ? NUMBERS : REFERENCES).loadConstant(slot).loadLocal(TypeKind.from(type), slot);
            switch (TypeKind.from(type).asLoadable()) {
                case FLOAT -> code.invokestatic(ConstantDescs.CD_Float, "floatToRawIntBits",
                        MethodTypeDesc.of(ConstantDescs.CD_int, ConstantDescs.CD_float)).i2l().lastore();
                case DOUBLE -> code.invokestatic(ConstantDescs.CD_Double, "doubleToRawLongBits",
                        MethodTypeDesc.of(ConstantDescs.CD_long, ConstantDescs.CD_double)).lastore();
                case INT -> code.i2l().lastore();
                case LONG -> code.lastore();
                default -> code.aastore();
            }
        }

        private void restore(CodeBuilder code, int slot, ClassDesc type) {
            boolean isNumber = type.isPrimitive();
            code.aload(stateLocal).getfield(ITEM_STATE, isNumber ? "numbers" : "references",
                    isNumber ? NUMBERS : REFERENCES).loadConstant(slot);
            switch (TypeKind.from(type).asLoadable()) {
                case FLOAT -> code.laload().l2i().invokestatic(ConstantDescs.CD_Float, "intBitsToFloat",
                        MethodTypeDesc.of(ConstantDescs.CD_float, ConstantDescs.CD_int));
                case DOUBLE -> code.laload().invokestatic(ConstantDescs.CD_Double, "longBitsToDouble",
                        MethodTypeDesc.of(ConstantDescs.CD_double, ConstantDescs.CD_long));
                case INT -> code.laload().l2i();
                case LONG -> code.laload();
                default -> code.aaload().checkcast(type);
            }
            code.storeLocal(TypeKind.from(type), slot);
        }
    }
}
