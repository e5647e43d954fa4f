package org.quantado.host.bytecode;

import java.lang.classfile.Attributes;
import java.lang.classfile.CodeElement;
import java.lang.classfile.Instruction;
import java.lang.classfile.MethodModel;
import java.lang.classfile.Opcode;
import java.lang.classfile.TypeAnnotation;
import java.lang.classfile.attribute.CodeAttribute;
import java.lang.classfile.instruction.BranchInstruction;
import java.lang.classfile.instruction.ConstantInstruction;
import java.lang.classfile.instruction.IncrementInstruction;
import java.lang.classfile.instruction.LoadInstruction;
import java.lang.classfile.instruction.StoreInstruction;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;

import org.quantado.host.HostEngineException;
import uk.ac.manchester.tornado.api.annotations.Parallel;

/**
 * A loop {@code for (@Parallel int i = a; i < b; i += c)} as javac compiles it; positions count the code's elements.
 *
 * @param slot
 *            the loop variable's place among the locals
 * @param initialStore
 *            the instruction that gives it its first value
 * @param firstOperand
 *            the first instruction of the bound, after the one that loads the variable
 * @param branch
 *            the comparison that leaves the loop
 * @param increment
 *            the instruction that takes the variable one step further
 * @param inclusive
 *            whether the bound itself is part of the range
 * @param step
 *            the increment, greater than zero
 */
public record ParallelLoop(int slot, int initialStore, int firstOperand, int branch, int increment, boolean inclusive,
        int step) {
    private static final Set<Opcode> COMPARISONS = EnumSet.of(Opcode.IF_ICMPGE, Opcode.IF_ICMPGT);
    private static final String ANNOTATION = Parallel.class.descriptorString();

    /** Bytecode offsets at which an annotated variable lives. */
    private record Range(int start, int end, int slot) {
        boolean contains(Range other) {
            return start <= other.start && other.end <= end;
        }
    }

    /** An instruction, its position among the code's elements, and its bytecode offset. */
    private record Placed(Instruction instruction, int position, int bytecode) {
    }

    /** A method's annotated loops, each inside the one before it. */
    public static List<ParallelLoop> in(MethodModel method) {
        CodeAttribute code = (CodeAttribute) method.code().orElseThrow();
        List<Range> ranges = ranges(code);
        for (int i = 1; i < ranges.size(); i++) {
            if (!ranges.get(i - 1).contains(ranges.get(i))) {
                throw unusual(method,
                        "has two @Parallel loops one after the other; they belong in two tasks");
            }
        }
        return ranges.stream().map(r -> loop(method, code, r)).toList();
    }

    private static List<Range> ranges(CodeAttribute code) {
        List<Range> ranges = new ArrayList<>();
        code.findAttribute(Attributes.runtimeVisibleTypeAnnotations()).ifPresent(attribute -> {
            for (TypeAnnotation annotation : attribute.annotations()) {
                if (annotation.annotation().className().equalsString(ANNOTATION)
                        && annotation.targetInfo() instanceof TypeAnnotation.LocalVarTarget variable) {
                    variable.table().forEach(v -> ranges.add(
                            new Range(code.labelToBci(v.startLabel()), code.labelToBci(v.endLabel()),
                                    v.index())));
                }
            }
        });
        ranges.sort(Comparator.comparingInt(Range::start));
        return ranges;
    }

    private static ParallelLoop loop(MethodModel method, CodeAttribute code, Range range) {
        List<Placed> placed = placed(code);
        int test = 0;
        while (placed.get(test).bytecode < range.start) {
            test++;
        }
        int branch = test;
        while (branch < placed.size() - 1 && !(placed.get(branch).instruction instanceof BranchInstruction)) {
            branch++;
        }
        if (test < 2
                || !(placed.get(test).instruction instanceof LoadInstruction load
                        && load.slot() == range.slot)
                || !(placed.get(test - 1).instruction instanceof StoreInstruction store
                        && store.slot() == range.slot)
                || !(placed.get(branch).instruction instanceof BranchInstruction comparison
                        && COMPARISONS.contains(comparison.opcode())
                        && code.labelToBci(comparison.target()) >= range.end)) {
            throw unusual(method,
                    "has a @Parallel loop that is not of the form for (int i = a; i < b; i += c)");
        }
        if (!(placed.get(test - 2).instruction instanceof ConstantInstruction init)) {
            throw unusual(method,
                    "has a @Parallel loop that does not start at a constant, which TornadoVM refuses");
        }
        Placed increment = increment(method, placed, range);
        int step = ((IncrementInstruction) increment.instruction).constant();
        if (step != 1 && !init.constantValue().equals(0)) {
            throw unusual(method, "has a @Parallel loop from " + init.constantValue() + " in steps of " + step
                    + "; TornadoVM counts such steps only from 0");
        }
        return new ParallelLoop(range.slot, placed.get(test - 1).position, placed.get(test).position + 1,
                placed.get(branch).position, increment.position, comparison.opcode() == Opcode.IF_ICMPGT, step);
    }

    private static Placed increment(MethodModel method, List<Placed> placed, Range range) {
        List<Placed> changes = placed.stream()
                .filter(p -> p.bytecode >= range.start && p.bytecode < range.end)
                .filter(p -> changes(p.instruction, range.slot)).toList();
        if (changes.size() != 1 || !(changes.getFirst().instruction instanceof IncrementInstruction increment)
                || increment.constant() < 1) {
            throw unusual(method,
                    "changes a @Parallel loop's variable other than once, by a constant above zero");
        }
        return changes.getFirst();
    }

    private static List<Placed> placed(CodeAttribute code) {
        List<Placed> placed = new ArrayList<>();
        int bytecode = 0;
        int position = 0;
        for (CodeElement element : code.elementList()) {
            if (element instanceof Instruction instruction) {
                placed.add(new Placed(instruction, position, bytecode));
                bytecode += instruction.sizeInBytes();
            }
            position++;
        }
        return placed;
    }

    private static boolean changes(Instruction instruction, int slot) {
        return switch (instruction) {
            case IncrementInstruction increment -> increment.slot() == slot;
            case StoreInstruction store -> store.slot() == slot;
            default -> false;
        };
    }

    private static HostEngineException unusual(MethodModel method, String what) {
        String owner = method.parent().orElseThrow().thisClass().asInternalName().replace('/', '.');
        return HostEngineException.notSupported("kernel " + owner + '.' + method.methodName() + ' ' + what + "; this");
    }
}
