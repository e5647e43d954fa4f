package org.quantado.host.flow;

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
import java.lang.constant.MethodTypeDesc;
import java.lang.reflect.AccessFlag;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

import org.quantado.host.flow.Stretch.Branch;
import org.quantado.host.flow.Stretch.Way;
import org.quantado.host.bytecode.ClassFiles;
import org.quantado.host.bytecode.ParallelLoop;

/** One method in its place in a kernel: its instructions, walked until no frame grows any more. */
final class MethodWalk {
    private static final String ATOMIC_INTEGER = "java/util/concurrent/atomic/AtomicInteger";
    private static final String DEBUG = "uk.ac.manchester.tornado.api.exceptions.Debug";
    private static final String KERNEL_CONTEXT = "uk/ac/manchester/tornado/api/KernelContext";
    /** The position that stands for a method's end. */
    private static final int END = Integer.MAX_VALUE;

    private final KernelFlow flow;
    private final CodePath path;
    private final CodeAttribute code;
    private final List<TypeKind> parameters = new ArrayList<>();
    private final List<CodeElement> elements;
    private final List<ParallelLoop> countingByOne;
    private final Map<Label, Integer> positions = new HashMap<>();
    private final Map<Label, Frame> reached = new HashMap<>();
    private final Deque<Label> open = new ArrayDeque<>();
    /** Where loops begin and end, by their jumps back. */
    private final Map<Integer, Integer> loops = new HashMap<>();
    private long returned;

    private Frame frame;
    private Stretch stretch;

    MethodWalk(KernelFlow flow, MethodModel method, CodePath path) {
        this.flow = flow;
        this.path = path;
        countingByOne = ParallelLoop.in(method).stream().filter(l -> l.step() == 1).toList();
        code = (CodeAttribute) method.code().orElseThrow();
        elements = code.elementList();
        if (!method.flags().has(AccessFlag.STATIC)) {
            parameters.add(TypeKind.REFERENCE);
        }
        method.methodTypeSymbol().parameterList().forEach(p -> parameters.add(TypeKind.from(p)));
        for (int i = 0; i < elements.size(); i++) {
            if (elements.get(i) instanceof LabelTarget target) {
                positions.put(target.label(), i);
            } else if (elements.get(i) instanceof BranchInstruction branch
                    && positions.containsKey(branch.target())) {
                loops.put(positions.get(branch.target()), i);
            }
        }
    }

    int parameterCount() {
        return parameters.size();
    }

    boolean isReference(int parameter) {
        return parameters.get(parameter) == TypeKind.REFERENCE;
    }

    /** Walks from the begin with these arguments; gives what may be returned. */
    long run(long[] arguments, Stretch begin) {
        if (!code.exceptionHandlers().isEmpty()) {
            Arrays.stream(arguments).forEach(flow.stores()::outOfSight);
            flow.reachBarrier(path);
            end().add(Way.always(begin));
            return Arrays.stream(arguments).reduce(Values.NOTHING, (a, b) -> a | b);
        }
        frame = Frame.begin(code, parameters, arguments);
        stretch = begin;
        walkFrom(0);
        while (!open.isEmpty()) {
            Label label = open.remove();
            frame = reached.get(label).copy();
            stretch = at(positions.get(label));
            walkFrom(positions.get(label) + 1);
        }
        return returned;
    }

    /** Where all returns lead to. */
    Stretch end() {
        return at(END);
    }

    private Stretch at(int position) {
        return flow.stretch(path.then(position));
    }

    private void walkFrom(int position) {
        for (int i = position; i < elements.size(); i++) {
            if (elements.get(i) instanceof LabelTarget target) {
                arriveAt(target.label(), Way.always(stretch));
                return;
            }
            if (!step(elements.get(i), i)) {
                return;
            }
        }
    }

    private void arriveAt(Label label, Way way) {
        at(positions.get(label)).add(way);
        Frame known = reached.putIfAbsent(label, frame.copy());
        if ((known == null || known.add(frame)) && !open.contains(label)) {
            open.add(label);
        }
    }

    /** Executes one instruction; false if the next one is not reached from it. */
    private boolean step(CodeElement element, int position) {
        switch (element) {
            case LoadInstruction i -> frame.push(i.typeKind(), frame.local(i.slot()));
            case StoreInstruction i -> {
                long value = frame.pop(i.typeKind());
                boolean beginsALoop = countingByOne.stream().anyMatch(l -> l.initialStore() == position);
                frame.store(i.typeKind(), i.slot(), beginsALoop ? value | Values.COUNTS_BY_ONE : value);
            }
            case ConstantInstruction i -> frame.push(i.typeKind(), Values.NOTHING);
            case ConvertInstruction i -> {
                frame.pop(i.fromType());
                frame.push(i.toType(), Values.NOTHING);
            }
            case OperatorInstruction i -> operator(i);
            case StackInstruction i -> frame.shuffle(i.opcode());
            case ArrayLoadInstruction i -> {
                frame.pop(TypeKind.INT);
                flow.stores().read(frame.pop(TypeKind.REFERENCE));
                stretch.touchMemory();
                frame.push(i.typeKind(), Values.NOTHING);
            }
            case ArrayStoreInstruction i -> {
                flow.stores().outOfSight(frame.pop(i.typeKind()));
                long index = frame.pop(TypeKind.INT);
                flow.stores().write(path.then(position), frame.pop(TypeKind.REFERENCE), stretch, Optional.of(index));
                stretch.touchMemory();
            }
            case FieldInstruction i -> field(i);
            case InvokeInstruction i -> {
                return invoke(i, position);
            }
            case InvokeDynamicInstruction i -> {
                Arrays.stream(frame.popAll(i.typeSymbol().parameterList())).forEach(flow.stores()::outOfSight);
                frame.pushResult(i.typeSymbol(), Values.NOTHING);
            }
            case TypeCheckInstruction i -> {
                long value = frame.pop(TypeKind.REFERENCE);
                frame.push(TypeKind.REFERENCE, i.opcode() == Opcode.CHECKCAST ? value : Values.NOTHING);
            }
            case NewObjectInstruction i -> {
                if (i.className().asInternalName().equals(ATOMIC_INTEGER)) {
                    flow.callDevice("new AtomicInteger", path);
                }
                frame.push(TypeKind.REFERENCE, Values.NOTHING);
            }
            case NewPrimitiveArrayInstruction _,NewReferenceArrayInstruction _ -> {
                frame.pop(TypeKind.INT);
                frame.push(TypeKind.REFERENCE, Values.NOTHING);
            }
            case NewMultiArrayInstruction i -> {
                frame.drop(i.dimensions());
                frame.push(TypeKind.REFERENCE, Values.NOTHING);
            }
            case MonitorInstruction _ -> frame.pop(TypeKind.REFERENCE);
            case BranchInstruction i -> {
                return branch(i, position);
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
                returned |= frame.pop(i.typeKind());
                end().add(Way.always(stretch));
                return false;
            }
            case ThrowInstruction _ -> {
                return false;
            }
            default -> {
                // line numbers and the like move no values
            }
        }
        return true;
    }

    private boolean branch(BranchInstruction i, int position) {
        frame.drop(operands(i.opcode()));
        if (i.opcode() == Opcode.GOTO || i.opcode() == Opcode.GOTO_W) {
            arriveAt(i.target(), Way.always(stretch));
            return false;
        }
        Branch branch = new Branch(stretch, countingByOne.stream().anyMatch(l -> l.branch() == position));
        int target = positions.get(i.target());
        arriveAt(i.target(), new Way(stretch, Optional.of(branch), true, leavesLoop(position, target)));
        Stretch next = at(position);
        next.add(new Way(stretch, Optional.of(branch), false, leavesLoop(position, position + 1)));
        stretch = next;
        return true;
    }

    /** Whether the way from one instruction to another ends a loop, which javac compiles to a stretch of the code. */
    private boolean leavesLoop(int from, int to) {
        return loops.entrySet().stream().anyMatch(
                l -> l.getKey() <= from && from <= l.getValue() && (to < l.getKey() || to > l.getValue()));
    }

    private void operator(OperatorInstruction i) {
        switch (i.opcode()) {
            case ARRAYLENGTH -> {
                frame.pop(TypeKind.REFERENCE);
                stretch.touchMemory();
                frame.push(TypeKind.INT, Values.NOTHING);
            }
            case INEG, LNEG, FNEG, DNEG -> frame.push(i.typeKind(), Values.number(frame.pop(i.typeKind())));
            case ISHL, ISHR, IUSHR, LSHL, LSHR, LUSHR -> {
                frame.pop(TypeKind.INT);
                frame.pop(i.typeKind());
                frame.push(i.typeKind(), Values.NOTHING);
            }
            case LCMP, FCMPL, FCMPG, DCMPL, DCMPG -> {
                frame.pop(i.typeKind());
                frame.pop(i.typeKind());
                frame.push(TypeKind.INT, Values.NOTHING);
            }
            default -> {
                long right = frame.pop(i.typeKind());
                long left = frame.pop(i.typeKind());
                frame.push(i.typeKind(), Values.number(left | right));
            }
        }
    }

    private void field(FieldInstruction i) {
        TypeKind kind = TypeKind.from(i.typeSymbol());
        boolean isStatic = i.opcode() == Opcode.GETSTATIC || i.opcode() == Opcode.PUTSTATIC;
        boolean isGet = i.opcode() == Opcode.GETSTATIC || i.opcode() == Opcode.GETFIELD;
        stretch.touchMemory();
        if (i.owner().asInternalName().equals(KERNEL_CONTEXT)) {
            flow.readIds(path);
        }
        if (!isGet) {
            flow.stores().outOfSight(frame.pop(kind));
        }
        long object = isStatic ? Values.NOTHING : frame.pop(TypeKind.REFERENCE);
        if (isGet) {
            flow.stores().read(object);
            frame.push(kind, kind == TypeKind.REFERENCE ? object : Values.NOTHING);
        } else {
            flow.stores().outOfSight(object);
        }
    }

    private boolean invoke(InvokeInstruction i, int position) {
        MethodTypeDesc signature = i.typeSymbol();
        boolean isStatic = i.opcode() == Opcode.INVOKESTATIC;
        long[] arguments = frame.popAll(signature.parameterList());
        if (!isStatic) {
            arguments = withReceiver(frame.pop(TypeKind.REFERENCE), arguments);
        }
        String owner = ClassFiles.binaryName(i.owner().asSymbol());
        String name = i.name().stringValue();
        boolean concernsAParameter = Arrays.stream(arguments).anyMatch(a -> Values.parameters(a) != Values.NOTHING);
        Optional<MethodWalk> helper = ApiMethods.isStep(owner, concernsAParameter)
                ? Optional.empty()
                : flow.helper(owner, name, signature.descriptorString(), path.then(position));
        if (helper.isPresent()) {
            frame.pushResult(signature, helper.get().run(arguments, stretch));
            stretch = at(position);
            stretch.add(Way.always(helper.get().end()));
            return helper.get().end().isReached();
        }
        if (owner.equals(DEBUG)) {
            flow.callDevice("Debug.printf", path);
        }
        if (isStatic || i.opcode() == Opcode.INVOKESPECIAL) {
            callStatic(owner, arguments);
            frame.pushResult(signature, Values.NOTHING);
        } else {
            frame.pushResult(signature, callVirtual(owner, name, arguments, position));
        }
        stretch.touchMemory();
        return true;
    }

    private static long[] withReceiver(long receiver, long[] arguments) {
        long[] all = new long[arguments.length + 1];
        all[0] = receiver;
        System.arraycopy(arguments, 0, all, 1, arguments.length);
        return all;
    }

    private void callStatic(String owner, long[] arguments) {
        if (!ApiMethods.onlyReads(owner)) {
            Arrays.stream(arguments).forEach(flow.stores()::outOfSight);
        }
    }

    /** Executes a method of an object in one step; gives its result. */
    private long callVirtual(String owner, String name, long[] arguments, int position) {
        long object = arguments[0];
        if (ApiMethods.isBarrier(owner, name)) {
            flow.reachBarrier(path);
        }
        if (ApiMethods.isLocalMemory(owner, name)) {
            flow.readIds(path);
        }
        if (!ApiMethods.onlyReads(owner)) {
            Arrays.stream(arguments).skip(1).forEach(flow.stores()::outOfSight);
        }
        switch (ApiMethods.effect(owner, name)) {
            case READ -> flow.stores().read(object);
            case WRITE -> flow.stores().write(path.then(position), object, stretch, Optional.empty());
            case READ_WRITE, UNKNOWN -> flow.stores().outOfSight(object);
            case VIEW -> {
                return object;
            }
            case NONE -> {
                // concerns no element
            }
        }
        return Values.NOTHING;
    }

    private void switchTo(Label defaultTarget, List<SwitchCase> cases) {
        frame.pop(TypeKind.INT);
        arriveAt(defaultTarget, Way.always(stretch));
        cases.forEach(c -> arriveAt(c.target(), Way.always(stretch)));
    }

    private static int operands(Opcode opcode) {
        return switch (opcode) {
            case GOTO, GOTO_W -> 0;
            case IF_ICMPEQ, IF_ICMPNE, IF_ICMPLT, IF_ICMPGE, IF_ICMPGT, IF_ICMPLE, IF_ACMPEQ, IF_ACMPNE -> 2;
            default -> 1;
        };
    }
}
