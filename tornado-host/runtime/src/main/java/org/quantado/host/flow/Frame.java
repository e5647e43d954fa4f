package org.quantado.host.flow;

import java.lang.classfile.Opcode;
import java.lang.classfile.TypeKind;
import java.lang.classfile.attribute.CodeAttribute;
import java.lang.constant.ClassDesc;
import java.lang.constant.ConstantDescs;
import java.lang.constant.MethodTypeDesc;
import java.util.Arrays;
import java.util.List;

/**
 * What the locals and the operand stack of a method hold at one of its instructions, as {@link Values}. A {@code long} or
 * {@code double} takes two places, as in the class file.
 */
final class Frame {
    private final long[] locals;
    private final long[] stack;
    private int depth;

    private Frame(long[] locals, long[] stack, int depth) {
        this.locals = locals;
        this.stack = stack;
        this.depth = depth;
    }

    /** The frame with which a method begins. */
    static Frame begin(CodeAttribute code, List<TypeKind> types, long[] arguments) {
        Frame frame = new Frame(new long[code.maxLocals()], new long[code.maxStack()], 0);
        int slot = 0;
        for (int a = 0; a < arguments.length; a++) {
            frame.store(types.get(a), slot, arguments[a]);
            slot += types.get(a).slotSize();
        }
        return frame;
    }

    Frame copy() {
        return new Frame(locals.clone(), stack.clone(), depth);
    }

    /** Adds what another path brings to the same instruction; false if that is nothing new. */
    boolean add(Frame other) {
        boolean localsGrown = add(locals, other.locals, locals.length);
        boolean stackGrown = add(stack, other.stack, depth);
        return localsGrown || stackGrown;
    }

    private static boolean add(long[] to, long[] from, int count) {
        boolean grown = false;
        for (int i = 0; i < count; i++) {
            grown |= (from[i] & ~to[i]) != 0;
            to[i] |= from[i];
        }
        return grown;
    }

    long local(int slot) {
        return locals[slot];
    }

    void store(TypeKind kind, int slot, long value) {
        Arrays.fill(locals, slot, slot + kind.slotSize(), value);
    }

    void push(TypeKind kind, long value) {
        for (int i = 0; i < kind.slotSize(); i++) {
            stack[depth++] = value;
        }
    }

    void pushResult(MethodTypeDesc signature, long value) {
        if (!signature.returnType().equals(ConstantDescs.CD_void)) {
            push(TypeKind.from(signature.returnType()), value);
        }
    }

    long pop(TypeKind kind) {
        depth -= kind.slotSize();
        return kind.slotSize() == 0 ? Values.NOTHING : stack[depth];
    }

    /** What is popped for values of these types, the last one on top. */
    long[] popAll(List<ClassDesc> types) {
        long[] values = new long[types.size()];
        for (int i = types.size() - 1; i >= 0; i--) {
            values[i] = pop(TypeKind.from(types.get(i)));
        }
        return values;
    }

    void drop(int places) {
        depth -= places;
    }

    /** Executes an instruction that only moves values on the stack. */
    void shuffle(Opcode opcode) {
        switch (opcode) {
            case POP -> depth--;
            case POP2 -> depth -= 2;
            case DUP -> duplicate(1, 0);
            case DUP_X1 -> duplicate(1, 1);
            case DUP_X2 -> duplicate(1, 2);
            case DUP2 -> duplicate(2, 0);
            case DUP2_X1 -> duplicate(2, 1);
            case DUP2_X2 -> duplicate(2, 2);
            default -> {
                long top = stack[depth - 1];
                stack[depth - 1] = stack[depth - 2];
                stack[depth - 2] = top;
            }
        }
    }

    /** Puts a copy of the top {@code count} places under the {@code below} places that are under them. */
    private void duplicate(int count, int below) {
        int from = depth - count - below;
        System.arraycopy(stack, from, stack, from + count, count + below);
        System.arraycopy(stack, depth, stack, from, count);
        depth += count;
    }
}
