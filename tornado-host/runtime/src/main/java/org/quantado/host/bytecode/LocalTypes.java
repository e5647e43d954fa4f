package org.quantado.host.bytecode;

import java.lang.classfile.Attributes;
import java.lang.classfile.CodeElement;
import java.lang.classfile.Instruction;
import java.lang.classfile.Label;
import java.lang.classfile.MethodModel;
import java.lang.classfile.TypeKind;
import java.lang.classfile.attribute.CodeAttribute;
import java.lang.classfile.attribute.StackMapFrameInfo;
import java.lang.classfile.attribute.StackMapFrameInfo.ObjectVerificationTypeInfo;
import java.lang.classfile.attribute.StackMapFrameInfo.SimpleVerificationTypeInfo;
import java.lang.classfile.attribute.StackMapFrameInfo.VerificationTypeInfo;
import java.lang.classfile.instruction.FieldInstruction;
import java.lang.classfile.instruction.InvokeInstruction;
import java.lang.classfile.instruction.LabelTarget;
import java.lang.classfile.instruction.LoadInstruction;
import java.lang.classfile.instruction.NewPrimitiveArrayInstruction;
import java.lang.classfile.instruction.StoreInstruction;
import java.lang.classfile.instruction.TypeCheckInstruction;
import java.lang.constant.ClassDesc;
import java.lang.constant.ConstantDescs;
import java.lang.reflect.AccessFlag;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** The types that a method's locals have at one of its instructions, as far as its stack maps and stores tell. */
public final class LocalTypes {
    private final List<CodeElement> elements;
    private final Map<Label, Map<Integer, ClassDesc>> atLabels = new HashMap<>();
    private final Map<Integer, ClassDesc> atBegin = new TreeMap<>();

    private LocalTypes(List<CodeElement> elements) {
        this.elements = elements;
    }

    /** The types in a method's code. */
    public static LocalTypes of(MethodModel method) {
        CodeAttribute code = (CodeAttribute) method.code().orElseThrow();
        LocalTypes types = new LocalTypes(code.elementList());
        int slot = 0;
        if (!method.flags().has(AccessFlag.STATIC)) {
            types.atBegin.put(slot++, method.parent().orElseThrow().thisClass().asSymbol());
        }
        for (ClassDesc parameter : method.methodTypeSymbol().parameterList()) {
            types.atBegin.put(slot, parameter);
            slot += TypeKind.from(parameter).slotSize();
        }
        code.findAttribute(Attributes.stackMapTable())
                .ifPresent(table -> table.entries().forEach(f -> types.atLabels.put(f.target(), locals(f))));
        return types;
    }

    private static Map<Integer, ClassDesc> locals(StackMapFrameInfo frame) {
        Map<Integer, ClassDesc> locals = new TreeMap<>();
        int slot = 0;
        for (VerificationTypeInfo type : frame.locals()) {
            Optional<ClassDesc> known = type(type);
            if (known.isPresent()) {
                locals.put(slot, known.get());
            }
            slot += known.map(t -> TypeKind.from(t).slotSize()).orElse(1);
        }
        return locals;
    }

    private static Optional<ClassDesc> type(VerificationTypeInfo type) {
        return switch (type) {
            case ObjectVerificationTypeInfo object -> Optional.of(object.classSymbol());
            case SimpleVerificationTypeInfo.INTEGER -> Optional.of(ConstantDescs.CD_int);
            case SimpleVerificationTypeInfo.FLOAT -> Optional.of(ConstantDescs.CD_float);
            case SimpleVerificationTypeInfo.LONG -> Optional.of(ConstantDescs.CD_long);
            case SimpleVerificationTypeInfo.DOUBLE -> Optional.of(ConstantDescs.CD_double);
            default -> Optional.empty();
        };
    }

    /** The types of the locals before the instruction at {@code position}, for those that have one. */
    public Map<Integer, ClassDesc> before(int position) {
        Map<Integer, ClassDesc> types = new TreeMap<>(atBegin);
        Optional<ClassDesc> top = Optional.empty();
        for (int i = 0; i < position; i++) {
            switch (elements.get(i)) {
                case LabelTarget target when atLabels.containsKey(target.label()) ->
                    types = new TreeMap<>(atLabels.get(target.label()));
                case StoreInstruction store -> store(types, store, top);
                case LoadInstruction load when load.typeKind() == TypeKind.REFERENCE ->
                    top = Optional.ofNullable(types.get(load.slot()));
                case Instruction instruction -> top = result(instruction);
                default -> {
                    // says nothing of locals
                }
            }
        }
        return types;
    }

    private static void store(Map<Integer, ClassDesc> types, StoreInstruction store, Optional<ClassDesc> top) {
        types.remove(store.slot());
        switch (store.typeKind()) {
            case REFERENCE -> top.ifPresent(t -> types.put(store.slot(), t));
            case LONG, DOUBLE -> {
                types.put(store.slot(), store.typeKind().upperBound());
                types.remove(store.slot() + 1);
            }
            default -> types.put(store.slot(), store.typeKind().upperBound());
        }
    }

    /** The class of the object that an instruction leaves on the stack, if it says so. */
    private static Optional<ClassDesc> result(Instruction instruction) {
        return switch (instruction) {
            case InvokeInstruction i -> Optional.of(i.typeSymbol().returnType());
            case FieldInstruction i -> Optional.of(i.typeSymbol());
            case TypeCheckInstruction i -> Optional.of(i.type().asSymbol());
            case NewPrimitiveArrayInstruction i -> Optional.of(i.typeKind().upperBound().arrayType());
            default -> Optional.empty();
        };
    }
}
