package org.quantado.host.kernel;

import java.lang.classfile.Attributes;
import java.lang.classfile.CodeElement;
import java.lang.classfile.Instruction;
import java.lang.classfile.MethodModel;
import java.lang.classfile.Opcode;
import java.lang.classfile.TypeAnnotation;
import java.lang.classfile.TypeKind;
import java.lang.classfile.attribute.CodeAttribute;
import java.lang.classfile.instruction.BranchInstruction;
import java.lang.classfile.instruction.IncrementInstruction;
import java.lang.classfile.instruction.LoadInstruction;
import java.lang.classfile.instruction.StoreInstruction;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

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
 * @param inclusive
 *            whether the bound itself is part of the range
 * @param step
 *            the increment, greater than zero
 */
record ParallelLoop(int slot, int initialStore, int firstOperand, int branch, boolean inclusive, int step) {
    private static final String ANNOTATION = Parallel.class.descriptorString();

    /** Bytecode offsets at which an annotated variable lives. */
    private record Range(int start, int end, int slot) {
        boolean contains(Range other) {
            return start <= other.start && other.end <= end;
        }
    }

    /** A kernel's annotated loops, each inside the one before it. */
    static List<ParallelLoop> in(MethodModel method) {
        CodeAttribute code = (CodeAttribute) method.code().orElseThrow();
        List<Range> ranges = ranges(code);
        for (int i = 1; i < ranges.size(); i++) {
            if (!ranges.get(i - 1).contains(ranges.get(i))) {
                throw unusual(method,
                        "has two @Parallel loops one after the other; they belong in two tasks");
            }
        }
        List<CodeElement> elements = code.elementList();
        return ranges.stream().map(r -> loop(method, elements, r)).toList();
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

    private static ParallelLoop loop(MethodModel method, List<CodeElement> elements, Range range) {
        int initialStore = -1;
        int branch = -1;
        int start = -1;
        int step = 0;
        int bytecode = 0;
        for (int i = 0; i < elements.size() && bytecode < range.end; i++) {
            if (!(elements.get(i) instanceof Instruction instruction)) {
                continue;
            }
            if (bytecode < range.start) {
                initialStore = i;
            } else if (start < 0) {
                start = i;
            } else if (branch < 0 && instruction instanceof BranchInstruction) {
                branch = i;
            }
            if (bytecode >= range.start && changes(instruction, range.slot)) {
                if (step != 0 || !(instruction instanceof IncrementInstruction increment)
                        || increment.constant() <= 0) {
                    throw unusual(method,
                            "changes a @Parallel loop's variable other than once, by a constant above zero");
                }
                step = increment.constant();
            }
            bytecode += instruction.sizeInBytes();
        }
        if (step == 0 || branch < 0
                || !(elements.get(start) instanceof LoadInstruction load && load.slot() == range.slot)
                || !(elements.get(initialStore) instanceof StoreInstruction store
                        && store.slot() == range.slot
                        && store.typeKind() == TypeKind.INT)) {
            throw unusual(method,
                    "has a @Parallel loop that is not of the form for (int i = a; i < b; i += c)");
        }
        Opcode comparison = ((BranchInstruction) elements.get(branch)).opcode();
        if (comparison != Opcode.IF_ICMPGE && comparison != Opcode.IF_ICMPGT) {
            throw unusual(method, "has a @Parallel loop whose condition is not i < b or i <= b");
        }
        return new ParallelLoop(range.slot, initialStore, start + 1, branch, comparison == Opcode.IF_ICMPGT,
                step);
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
        return new HostEngineException("kernel " + owner + '.' + method.methodName() + ' ' + what);
    }
}
