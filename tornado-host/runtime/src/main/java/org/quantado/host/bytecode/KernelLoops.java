package org.quantado.host.bytecode;

import java.lang.classfile.Attributes;
import java.lang.classfile.CodeElement;
import java.lang.classfile.Instruction;
import java.lang.classfile.MethodModel;
import java.lang.classfile.attribute.CodeAttribute;
import java.lang.classfile.instruction.BranchInstruction;
import java.lang.classfile.instruction.ConstantInstruction;
import java.lang.classfile.instruction.IncrementInstruction;
import java.lang.classfile.instruction.LabelTarget;
import java.lang.classfile.instruction.LoadInstruction;
import java.lang.classfile.instruction.ReturnInstruction;
import java.lang.classfile.instruction.StoreInstruction;
import java.util.HashSet;
import java.util.List;
import java.util.OptionalInt;
import java.util.Set;

import uk.ac.manchester.tornado.api.annotations.Reduce;

/**
 * A kernel's {@code @Parallel} loops and what its code does in them. On a device an iteration is a thread of its own: a
 * {@code return}, or a {@code break} out of a loop, ends that thread and no other.
 */
public final class KernelLoops {
    private static final String REDUCE = Reduce.class.descriptorString();

    private final List<CodeElement> elements;
    private final List<ParallelLoop> nest;
    private final Set<Integer> results;

    private KernelLoops(List<CodeElement> elements, List<ParallelLoop> nest, Set<Integer> results) {
        this.elements = elements;
        this.nest = List.copyOf(nest);
        this.results = Set.copyOf(results);
    }

    /** The loops of a kernel. */
    public static KernelLoops in(MethodModel method) {
        CodeAttribute code = (CodeAttribute) method.code().orElseThrow();
        Set<Integer> results = new HashSet<>();
        method.findAttribute(Attributes.runtimeVisibleParameterAnnotations()).ifPresent(attribute -> {
            for (int p = 0; p < attribute.parameterAnnotations().size(); p++) {
                if (attribute.parameterAnnotations().get(p).stream()
                        .anyMatch(a -> a.className().equalsString(REDUCE))) {
                    results.add(p);
                }
            }
        });
        return new KernelLoops(code.elementList(), ParallelLoop.in(method), results);
    }

    /** The loops, each inside the one before it. */
    public List<ParallelLoop> nest() {
        return nest;
    }

    /**
     * Whether there are two loops, either of which can be the outer one: they begin alike, the outer one does nothing
     * beside the inner one, and neither bound depends on the other loop.
     */
    public boolean canBeTurned() {
        if (nest.size() != 2) {
            return false;
        }
        ParallelLoop outer = nest.getFirst();
        ParallelLoop inner = nest.getLast();
        List<Instruction> between = instructions(outer.branch() + 1, inner.initialStore());
        int innerEnd = positionOf((BranchInstruction) elements.get(inner.branch()));
        return between.size() == 1 && between.getFirst() instanceof ConstantInstruction start
                && start.constantValue().equals(initialValue(outer))
                && instructions(innerEnd, outer.increment()).isEmpty()
                && nest.stream().allMatch(this::hasFixedBound);
    }

    private Object initialValue(ParallelLoop loop) {
        return ((ConstantInstruction) instructions(0, loop.initialStore()).getLast()).constantValue();
    }

    private boolean hasFixedBound(ParallelLoop loop) {
        return instructions(loop.firstOperand(), loop.branch()).stream().noneMatch(instruction -> switch (instruction) {
            case StoreInstruction _,IncrementInstruction _ -> true;
            case LoadInstruction load -> nest.stream().anyMatch(l -> l.slot() == load.slot());
            default -> false;
        });
    }

    private List<Instruction> instructions(int from, int to) {
        return elements.subList(from, to).stream().filter(Instruction.class::isInstance).map(Instruction.class::cast)
                .toList();
    }

    /** The declared parameters that are annotated as results of a reduction. */
    public Set<Integer> results() {
        return results;
    }

    /** Whether some instruction ends an iteration before its end. */
    public boolean leavesEarly() {
        for (int i = 0; i < elements.size(); i++) {
            if (loopLeftAt(i).isPresent()) {
                return true;
            }
        }
        return false;
    }

    /** The depth of the loop whose iteration is ended by the instruction at {@code position}, other than by its test. */
    public OptionalInt loopLeftAt(int position) {
        for (int depth = nest.size() - 1; depth >= 0; depth--) {
            ParallelLoop loop = nest.get(depth);
            int end = positionOf(((BranchInstruction) elements.get(loop.branch())));
            if (position > loop.branch() && position < end) {
                boolean leaves = switch (elements.get(position)) {
                    case ReturnInstruction _ -> true;
                    case BranchInstruction branch -> {
                        int target = positionOf(branch);
                        yield target <= loop.initialStore() || target >= end;
                    }
                    default -> false;
                };
                return leaves && !isTest(position) ? OptionalInt.of(depth) : OptionalInt.empty();
            }
        }
        return OptionalInt.empty();
    }

    private boolean isTest(int position) {
        return nest.stream().anyMatch(l -> l.branch() == position);
    }

    private int positionOf(BranchInstruction branch) {
        for (int i = 0; i < elements.size(); i++) {
            if (elements.get(i) instanceof LabelTarget target && target.label().equals(branch.target())) {
                return i;
            }
        }
        throw new IllegalStateException("a branch without a target");
    }
}
