package org.quantado.host.bytecode;

import java.lang.classfile.Instruction;
import java.lang.classfile.Opcode;
import java.lang.classfile.TypeKind;
import java.lang.classfile.instruction.ArrayLoadInstruction;
import java.lang.classfile.instruction.ConstantInstruction;
import java.lang.classfile.instruction.ConvertInstruction;
import java.lang.classfile.instruction.FieldInstruction;
import java.lang.classfile.instruction.IncrementInstruction;
import java.lang.classfile.instruction.InvokeDynamicInstruction;
import java.lang.classfile.instruction.InvokeInstruction;
import java.lang.classfile.instruction.LoadInstruction;
import java.lang.classfile.instruction.NewObjectInstruction;
import java.lang.classfile.instruction.NewPrimitiveArrayInstruction;
import java.lang.classfile.instruction.NewReferenceArrayInstruction;
import java.lang.classfile.instruction.OperatorInstruction;
import java.lang.classfile.instruction.StackInstruction;
import java.lang.classfile.instruction.StoreInstruction;
import java.lang.classfile.instruction.TypeCheckInstruction;
import java.lang.constant.MethodTypeDesc;
import java.util.Optional;

/**
 * What an instruction of an expression does to the operand stack, in places.
 *
 * @param pops
 *            places that it takes
 * @param pushes
 *            places that it puts there after that
 */
record StackEffect(int pops, int pushes) {
    /** Empty for an instruction that does not stand inside an expression without branches. */
    static Optional<StackEffect> of(Instruction instruction) {
        return Optional.ofNullable(switch (instruction) {
            case LoadInstruction i -> new StackEffect(0, i.typeKind().slotSize());
            case StoreInstruction i -> new StackEffect(i.typeKind().slotSize(), 0);
            case ConstantInstruction i -> new StackEffect(0, i.typeKind().slotSize());
            case ConvertInstruction i -> new StackEffect(i.fromType().slotSize(), i.toType().slotSize());
            case IncrementInstruction _ -> new StackEffect(0, 0);
            case OperatorInstruction i -> operator(i);
            case ArrayLoadInstruction i -> new StackEffect(2, i.typeKind().slotSize());
            case FieldInstruction i -> field(i);
            case InvokeInstruction i -> call(i.typeSymbol(), i.opcode() == Opcode.INVOKESTATIC ? 0 : 1);
            case InvokeDynamicInstruction i -> call(i.typeSymbol(), 0);
            case NewObjectInstruction _ -> new StackEffect(0, 1);
            case NewPrimitiveArrayInstruction _,NewReferenceArrayInstruction _,TypeCheckInstruction _ ->
                new StackEffect(1, 1);
            case StackInstruction i when i.opcode() == Opcode.DUP -> new StackEffect(1, 2);
            default -> null;
        });
    }

    private static StackEffect operator(OperatorInstruction i) {
        int size = i.typeKind().slotSize();
        return switch (i.opcode()) {
            case ARRAYLENGTH -> new StackEffect(1, 1);
            case INEG, LNEG, FNEG, DNEG -> new StackEffect(size, size);
            case ISHL, ISHR, IUSHR, LSHL, LSHR, LUSHR -> new StackEffect(size + 1, size);
            case LCMP, FCMPL, FCMPG, DCMPL, DCMPG -> new StackEffect(2 * size, 1);
            default -> new StackEffect(2 * size, size);
        };
    }

    private static StackEffect field(FieldInstruction i) {
        int size = TypeKind.from(i.typeSymbol()).slotSize();
        return switch (i.opcode()) {
            case GETSTATIC -> new StackEffect(0, size);
            case GETFIELD -> new StackEffect(1, size);
            case PUTSTATIC -> new StackEffect(size, 0);
            default -> new StackEffect(size + 1, 0);
        };
    }

    private static StackEffect call(MethodTypeDesc type, int receivers) {
        int arguments = type.parameterList().stream().mapToInt(p -> TypeKind.from(p).slotSize()).sum();
        return new StackEffect(arguments + receivers, TypeKind.from(type.returnType()).slotSize());
    }
}
