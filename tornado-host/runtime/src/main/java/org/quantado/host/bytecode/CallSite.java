package org.quantado.host.bytecode;

import java.lang.classfile.CodeElement;
import java.lang.classfile.Instruction;
import java.lang.classfile.MethodModel;
import java.lang.classfile.Opcode;
import java.lang.classfile.TypeKind;
import java.lang.classfile.attribute.CodeAttribute;
import java.lang.classfile.instruction.BranchInstruction;
import java.lang.classfile.instruction.InvokeInstruction;
import java.lang.classfile.instruction.LabelTarget;
import java.lang.classfile.instruction.LoadInstruction;
import java.lang.classfile.instruction.StoreInstruction;
import java.lang.classfile.instruction.TypeCheckInstruction;
import java.lang.constant.ClassDesc;
import java.lang.reflect.AccessFlag;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** A call in a method that is being executed, and which instructions made its arguments. */
public final class CallSite {
    private final MethodModel method;
    private final List<CodeElement> elements;
    private final int position;
    private final InvokeInstruction call;

    private CallSite(MethodModel method, List<CodeElement> elements, int position, InvokeInstruction call) {
        this.method = method;
        this.elements = elements;
        this.position = position;
        this.call = call;
    }

    /** The call that a frame of the stack is in; empty if its code does not show it. */
    public static Optional<CallSite> of(StackWalker.StackFrame frame) {
        return ClassFiles.method(frame.getDeclaringClass(), frame.getMethodName(), frame.getDescriptor())
                .flatMap(method -> of(method, frame.getByteCodeIndex()));
    }

    private static Optional<CallSite> of(MethodModel method, int bytecodeIndex) {
        List<CodeElement> elements = ((CodeAttribute) method.code().orElseThrow()).elementList();
        int bytecode = 0;
        for (int i = 0; i < elements.size(); i++) {
            if (elements.get(i) instanceof Instruction instruction) {
                if (bytecode == bytecodeIndex) {
                    return instruction instanceof InvokeInstruction call
                            ? Optional.of(new CallSite(method, elements, i, call))
                            : Optional.empty();
                }
                bytecode += instruction.sizeInBytes();
            }
        }
        return Optional.empty();
    }

    /** Whether it calls a method of this name and descriptor. */
    public boolean calls(String name, String descriptor) {
        return call.name().equalsString(name) && call.type().equalsString(descriptor);
    }

    /** The types of the call's parameters. */
    public List<ClassDesc> parameters() {
        return call.typeSymbol().parameterList();
    }

    /** The instruction that made an argument; empty if the way to it has branches. */
    public Optional<Instruction> producer(int argument) {
        int above = call.typeSymbol().parameterList().stream().skip(argument + 1L)
                .mapToInt(p -> TypeKind.from(p).slotSize()).sum();
        for (int i = position - 1; i >= 0; i--) {
            if (elements.get(i) instanceof LabelTarget target && isJumpedTo(target)) {
                return Optional.empty();
            }
            if (elements.get(i) instanceof Instruction instruction && !isCast(instruction, above)) {
                Optional<StackEffect> effect = StackEffect.of(instruction);
                if (effect.isEmpty() || above < effect.get().pushes()) {
                    return effect.map(_ -> instruction);
                }
                above += effect.get().pops() - effect.get().pushes();
            }
        }
        return Optional.empty();
    }

    private static boolean isCast(Instruction instruction, int above) {
        return above == 0 && instruction instanceof TypeCheckInstruction && instruction.opcode() == Opcode.CHECKCAST;
    }

    /** The parameter of the calling method that an instruction loads, if nothing else is ever stored there. */
    public Optional<Integer> parameter(Instruction producer) {
        if (!(producer instanceof LoadInstruction load) || elements.stream()
                .anyMatch(e -> e instanceof StoreInstruction store && store.slot() == load.slot())) {
            return Optional.empty();
        }
        List<Integer> slots = new ArrayList<>();
        int slot = method.flags().has(AccessFlag.STATIC) ? 0 : 1;
        for (ClassDesc parameter : method.methodTypeSymbol().parameterList()) {
            slots.add(slot);
            slot += TypeKind.from(parameter).slotSize();
        }
        return Optional.of(slots.indexOf(load.slot())).filter(p -> p >= 0);
    }

    private boolean isJumpedTo(LabelTarget target) {
        return elements.stream()
                .anyMatch(e -> e instanceof BranchInstruction branch && branch.target().equals(target.label()));
    }
}
