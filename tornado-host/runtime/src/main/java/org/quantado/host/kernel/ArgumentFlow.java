package org.quantado.host.kernel;

import java.lang.classfile.CodeElement;
import java.lang.classfile.Label;
import java.lang.classfile.MethodModel;
import java.lang.classfile.Opcode;
import java.lang.classfile.TypeKind;
import java.lang.classfile.attribute.CodeAttribute;
import java.lang.classfile.instruction.ArrayLoadInstruction;
import java.lang.classfile.instruction.ArrayStoreInstruction;
import java.lang.classfile.instruction.BranchInstruction;
import java.lang.classfile.instruction.ConstantInstruction;
import java.lang.classfile.instruction.ConvertInstruction;
import java.lang.classfile.instruction.FieldInstruction;
import java.lang.classfile.instruction.InvokeDynamicInstruction;
import java.lang.classfile.instruction.InvokeInstruction;
import java.lang.classfile.instruction.LabelTarget;
import java.lang.classfile.instruction.LoadInstruction;
import java.lang.classfile.instruction.LookupSwitchInstruction;
import java.lang.classfile.instruction.MonitorInstruction;
import java.lang.classfile.instruction.NewMultiArrayInstruction;
import java.lang.classfile.instruction.NewObjectInstruction;
import java.lang.classfile.instruction.NewPrimitiveArrayInstruction;
import java.lang.classfile.instruction.NewReferenceArrayInstruction;
import java.lang.classfile.instruction.OperatorInstruction;
import java.lang.classfile.instruction.ReturnInstruction;
import java.lang.classfile.instruction.StackInstruction;
import java.lang.classfile.instruction.StoreInstruction;
import java.lang.classfile.instruction.SwitchCase;
import java.lang.classfile.instruction.TableSwitchInstruction;
import java.lang.classfile.instruction.ThrowInstruction;
import java.lang.classfile.instruction.TypeCheckInstruction;
import java.lang.constant.ClassDesc;
import java.lang.constant.ConstantDescs;
import java.lang.constant.MethodTypeDesc;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

import uk.ac.manchester.tornado.api.common.Access;

/**
 * Follows a kernel's arguments through its bytecode, and through the static methods that it calls, to what is done with
 * them.
 *
 * <p>
 * A value is the set of parameters that it may be, one bit each; a {@code long} or {@code double} takes two places on
 * the stack, as in the class file. Sets only grow where paths meet, so the result is never less than what can happen: a
 * parameter that gets out of sight counts as read and written.
 */
final class ArgumentFlow {
    private static final int NOT_A_PARAMETER = 0;
    private static final String API_PACKAGE = "uk.ac.manchester.tornado.api.";
    /** What gives the array in another form; a form that cannot be written counts as a read. */
    private static final Set<String> VIEWS = Set.of("getSegment");
    private static final Set<String> READERS = Set.of("get", "asReadOnly");
    private static final Set<String> WRITERS = Set.of("set", "init", "clear");
    private static final Set<String> LENGTHS = Set.of("getSize", "getLength", "size", "vectorWidth",
            "getElementSize");
    private static final Set<String> BARRIERS = Set.of("localBarrier", "globalBarrier");

    private final ClassLoader loader;
    private final Map<String, MethodUse> finished = new HashMap<>();
    private final Set<String> inProgress = new HashSet<>();

    ArgumentFlow(ClassLoader loader) {
        this.loader = loader;
    }

    /** What a static method does. */
    MethodUse of(Class<?> owner, MethodModel method) {
        String key = owner.getName() + '.' + method.methodName() + method.methodType();
        MethodUse known = finished.get(key);
        if (known != null) {
            return known;
        }
        if (!inProgress.add(key)) {
            return new MethodUse(everything(method.methodTypeSymbol().parameterCount()), true);
        }
        MethodUse use = new Walk(method).run();
        inProgress.remove(key);
        finished.put(key, use);
        return use;
    }

    private static List<Access> everything(int parameters) {
        return Collections.nCopies(parameters, Access.READ_WRITE);
    }

    /** What the locals and the stack may hold where paths meet. */
    private static final class State {
        private final int[] locals;
        private final int[] stack;
        private final int depth;

        State(int[] locals, int[] stack, int depth) {
            this.locals = locals.clone();
            this.stack = stack.clone();
            this.depth = depth;
        }

        /** Adds what another path brings; false if that is nothing new. */
        boolean add(int[] otherLocals, int[] otherStack) {
            boolean localsGrown = add(locals, otherLocals, locals.length);
            boolean stackGrown = add(stack, otherStack, depth);
            return localsGrown || stackGrown;
        }

        private static boolean add(int[] to, int[] from, int count) {
            boolean grown = false;
            for (int i = 0; i < count; i++) {
                grown |= (from[i] & ~to[i]) != 0;
                to[i] |= from[i];
            }
            return grown;
        }
    }

    /** One method's instructions, walked until no state grows any more. */
    private final class Walk {
        private final MethodTypeDesc type;
        private final CodeAttribute code;
        private final List<CodeElement> elements;
        private final Map<Label, Integer> positions = new HashMap<>();
        private final Map<Label, State> reached = new HashMap<>();
        private final Deque<Label> open = new ArrayDeque<>();
        private int read;
        private int written;
        private boolean barrier;

        private int[] locals;
        private int[] stack;
        private int depth;

        Walk(MethodModel method) {
            type = method.methodTypeSymbol();
            code = (CodeAttribute) method.code().orElseThrow();
            elements = code.elementList();
            for (int i = 0; i < elements.size(); i++) {
                if (elements.get(i) instanceof LabelTarget target) {
                    positions.put(target.label(), i);
                }
            }
        }

        MethodUse run() {
            if (!code.exceptionHandlers().isEmpty()) {
                return new MethodUse(everything(type.parameterCount()), true);
            }
            locals = new int[code.maxLocals()];
            stack = new int[code.maxStack()];
            int slot = 0;
            for (int p = 0; p < type.parameterCount(); p++) {
                ClassDesc parameter = type.parameterType(p);
                locals[slot] = parameter.isPrimitive() ? NOT_A_PARAMETER : 1 << p;
                slot += TypeKind.from(parameter).slotSize();
            }
            walkFrom(0);
            while (!open.isEmpty()) {
                Label label = open.remove();
                State state = reached.get(label);
                locals = state.locals.clone();
                stack = state.stack.clone();
                depth = state.depth;
                walkFrom(positions.get(label) + 1);
            }
            List<Access> access = new ArrayList<>();
            for (int p = 0; p < type.parameterCount(); p++) {
                access.add(Access.asArray()[(read >> p & 1) * Access.READ_ONLY.position
                        + (written >> p & 1) * Access.WRITE_ONLY.position]);
            }
            return new MethodUse(access, barrier);
        }

        private void walkFrom(int position) {
            for (int i = position; i < elements.size(); i++) {
                if (elements.get(i) instanceof LabelTarget target) {
                    arriveAt(target.label());
                    return;
                }
                if (!step(elements.get(i))) {
                    return;
                }
            }
        }

        private void arriveAt(Label label) {
            State known = reached.get(label);
            if (known == null) {
                reached.put(label, new State(locals, stack, depth));
            }
            if ((known == null || known.add(locals, stack)) && !open.contains(label)) {
                open.add(label);
            }
        }

        /** Executes one instruction; false if the next one is not reached from it. */
        private boolean step(CodeElement element) {
            switch (element) {
                case LoadInstruction i -> push(i.typeKind(), locals[i.slot()]);
                case StoreInstruction i -> {
                    int value = pop(i.typeKind());
                    Arrays.fill(locals, i.slot(), i.slot() + i.typeKind().slotSize(), value);
                }
                case ConstantInstruction i -> push(i.typeKind(), NOT_A_PARAMETER);
                case ConvertInstruction i -> {
                    pop(i.fromType());
                    push(i.toType(), NOT_A_PARAMETER);
                }
                case OperatorInstruction i -> operator(i);
                case StackInstruction i -> shuffle(i.opcode());
                case ArrayLoadInstruction i -> {
                    pop(TypeKind.INT);
                    read |= pop(TypeKind.REFERENCE);
                    push(i.typeKind(), NOT_A_PARAMETER);
                }
                case ArrayStoreInstruction i -> {
                    outOfSight(pop(i.typeKind()));
                    pop(TypeKind.INT);
                    written |= pop(TypeKind.REFERENCE);
                }
                case FieldInstruction i -> field(i);
                case InvokeInstruction i -> invoke(i);
                case InvokeDynamicInstruction i -> {
                    popAll(i.typeSymbol().parameterList()).forEach(this::outOfSight);
                    pushResult(i.typeSymbol());
                }
                case TypeCheckInstruction i -> {
                    int value = pop(TypeKind.REFERENCE);
                    push(TypeKind.REFERENCE, i.opcode() == Opcode.CHECKCAST ? value : NOT_A_PARAMETER);
                }
                case NewObjectInstruction _ -> push(TypeKind.REFERENCE, NOT_A_PARAMETER);
                case NewPrimitiveArrayInstruction _,NewReferenceArrayInstruction _ -> {
                    pop(TypeKind.INT);
                    push(TypeKind.REFERENCE, NOT_A_PARAMETER);
                }
                case NewMultiArrayInstruction i -> {
                    depth -= i.dimensions();
                    push(TypeKind.REFERENCE, NOT_A_PARAMETER);
                }
                case MonitorInstruction _ -> pop(TypeKind.REFERENCE);
                case BranchInstruction i -> {
                    depth -= operands(i.opcode());
                    arriveAt(i.target());
                    return i.opcode() != Opcode.GOTO && i.opcode() != Opcode.GOTO_W;
                }
                case TableSwitchInstruction i -> {
                    switchTo(i.defaultTarget(), i.cases());
                    return false;
                }
                case LookupSwitchInstruction i -> {
                    switchTo(i.defaultTarget(), i.cases());
                    return false;
                }
                case ReturnInstruction i -> {
                    outOfSight(pop(i.typeKind()));
                    return false;
                }
                case ThrowInstruction _ -> {
                    return false;
                }
                default -> {
                    // increments, line numbers and the like move no references
                }
            }
            return true;
        }

        private void operator(OperatorInstruction i) {
            switch (i.opcode()) {
                case ARRAYLENGTH -> {
                    pop(TypeKind.REFERENCE);
                    push(TypeKind.INT, NOT_A_PARAMETER);
                }
                case INEG, LNEG, FNEG, DNEG -> {
                    pop(i.typeKind());
                    push(i.typeKind(), NOT_A_PARAMETER);
                }
                case ISHL, ISHR, IUSHR, LSHL, LSHR, LUSHR -> {
                    pop(TypeKind.INT);
                    pop(i.typeKind());
                    push(i.typeKind(), NOT_A_PARAMETER);
                }
                case LCMP, FCMPL, FCMPG, DCMPL, DCMPG -> {
                    pop(i.typeKind());
                    pop(i.typeKind());
                    push(TypeKind.INT, NOT_A_PARAMETER);
                }
                default -> {
                    pop(i.typeKind());
                    pop(i.typeKind());
                    push(i.typeKind(), NOT_A_PARAMETER);
                }
            }
        }

        private void field(FieldInstruction i) {
            TypeKind kind = TypeKind.from(i.typeSymbol());
            boolean isStatic = i.opcode() == Opcode.GETSTATIC || i.opcode() == Opcode.PUTSTATIC;
            boolean isGet = i.opcode() == Opcode.GETSTATIC || i.opcode() == Opcode.GETFIELD;
            if (!isGet) {
                outOfSight(pop(kind));
            }
            if (!isStatic) {
                pop(TypeKind.REFERENCE);
            }
            if (isGet) {
                push(kind, NOT_A_PARAMETER);
            }
        }

        private void invoke(InvokeInstruction i) {
            MethodTypeDesc signature = i.typeSymbol();
            List<Integer> arguments = popAll(signature.parameterList());
            String owner = KernelMethod.binaryName(i.owner().asSymbol());
            String name = i.name().stringValue();
            if (i.opcode() == Opcode.INVOKESTATIC) {
                if (isApplicationClass(owner)) {
                    call(owner, name, signature, arguments);
                } else {
                    arguments.forEach(this::outOfSight);
                }
            } else {
                int receiver = pop(TypeKind.REFERENCE);
                arguments.forEach(this::outOfSight);
                barrier |= owner.startsWith(API_PACKAGE) && BARRIERS.contains(name);
                if (owner.startsWith(API_PACKAGE) && VIEWS.contains(name)) {
                    push(TypeKind.REFERENCE, receiver);
                    return;
                }
                if (READERS.contains(name)) {
                    read |= receiver;
                } else if (WRITERS.contains(name)) {
                    written |= receiver;
                } else if (!LENGTHS.contains(name)) {
                    outOfSight(receiver);
                }
            }
            pushResult(signature);
        }

        private void call(String owner, String name, MethodTypeDesc signature, List<Integer> arguments) {
            MethodUse callee;
            try {
                Class<?> type = Class.forName(owner, false, loader);
                callee = ClassFiles.method(type, name, signature.descriptorString())
                        .map(m -> ArgumentFlow.this.of(type, m))
                        .orElseGet(() -> new MethodUse(everything(signature.parameterCount()), true));
            } catch (ClassNotFoundException _) {
                callee = new MethodUse(everything(signature.parameterCount()), true);
            }
            barrier |= callee.reachesBarrier();
            for (int p = 0; p < arguments.size(); p++) {
                Access access = callee.access().get(p);
                read |= access == Access.READ_ONLY || access == Access.READ_WRITE ? arguments.get(p) : 0;
                written |= access == Access.WRITE_ONLY || access == Access.READ_WRITE ? arguments.get(p) : 0;
            }
        }

        private boolean isApplicationClass(String owner) {
            return !owner.startsWith("java.") && !owner.startsWith(API_PACKAGE);
        }

        private void outOfSight(int value) {
            read |= value;
            written |= value;
        }

        private void switchTo(Label defaultTarget, List<SwitchCase> cases) {
            pop(TypeKind.INT);
            arriveAt(defaultTarget);
            cases.forEach(c -> arriveAt(c.target()));
        }

        private static int operands(Opcode opcode) {
            return switch (opcode) {
                case GOTO, GOTO_W -> 0;
                case IF_ICMPEQ, IF_ICMPNE, IF_ICMPLT, IF_ICMPGE, IF_ICMPGT, IF_ICMPLE, IF_ACMPEQ, IF_ACMPNE ->
                    2;
                default -> 1;
            };
        }

        private void shuffle(Opcode opcode) {
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
                    int top = stack[depth - 1];
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

        private void push(TypeKind kind, int value) {
            for (int i = 0; i < kind.slotSize(); i++) {
                stack[depth++] = value;
            }
        }

        private void pushResult(MethodTypeDesc signature) {
            if (!signature.returnType().equals(ConstantDescs.CD_void)) {
                push(TypeKind.from(signature.returnType()), NOT_A_PARAMETER);
            }
        }

        private int pop(TypeKind kind) {
            depth -= kind.slotSize();
            return kind.slotSize() == 0 ? NOT_A_PARAMETER : stack[depth];
        }

        private List<Integer> popAll(List<ClassDesc> types) {
            List<Integer> values = new ArrayList<>();
            for (ClassDesc parameter : types.reversed()) {
                values.addFirst(pop(TypeKind.from(parameter)));
            }
            return values;
        }
    }
}
