package org.quantado.host.kernel;

import java.lang.classfile.CodeBuilder;
import java.lang.classfile.CodeElement;
import java.lang.classfile.CodeTransform;
import java.lang.classfile.Instruction;
import java.lang.classfile.Label;
import java.lang.classfile.MethodModel;
import java.lang.classfile.Opcode;
import java.lang.classfile.instruction.BranchInstruction;
import java.lang.constant.ClassDesc;
import java.lang.constant.ConstantDescs;
import java.lang.constant.MethodTypeDesc;
import java.lang.invoke.MethodHandles;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;

import org.quantado.host.bytecode.KernelLoops;
import org.quantado.host.bytecode.ParallelLoop;

/**
 * Makes a second version of a kernel with {@code @Parallel} loops: it takes a {@link LoopSlice} and {@link DeviceAtomics}
 * more, and runs that slice only. Everything else in it is the kernel's own bytecode; what a loop does differently in
 * each iteration is to compare with its slice's end instead of the bound, and to go on where the kernel leaves it. A nest
 * of two can also be turned: the inner loop's variable is then counted where the outer loop is, and the other way round.
 */
final class SlicedKernel {
    private static final ClassDesc LOOP_SLICE = LoopSlice.class.describeConstable().orElseThrow();
    private static final ClassDesc DEVICE_ATOMICS = DeviceAtomics.class.describeConstable().orElseThrow();
    private static final MethodTypeDesc LIMIT = MethodTypeDesc.ofDescriptor("(IIIZ)I");
    private static final MethodTypeDesc INNER = MethodTypeDesc.of(LOOP_SLICE, ConstantDescs.CD_int,
            ConstantDescs.CD_int, ConstantDescs.CD_int);
    private static final int LOCALS_PER_LOOP = 3;

    private final MethodModel method;
    private final List<CodeElement> elements;
    private final KernelLoops kernelLoops;
    /** The loops by their places in the code. */
    private final List<ParallelLoop> loops;
    /** The loop that is counted in the place of each. */
    private final List<ParallelLoop> counted;
    /** The locals that hold the slice, the bound and the end of each loop, behind the atomics. */
    private final int firstLocal;
    private final List<Label> steps = new ArrayList<>();

    private SlicedKernel(MethodModel method, KernelLoops loops, boolean turned) {
        this.method = method;
        this.elements = KernelCopy.code(method).elementList();
        this.kernelLoops = loops;
        this.loops = loops.nest();
        this.counted = turned ? loops.nest().reversed() : loops.nest();
        this.firstLocal = KernelCopy.atomicsLocal(method) + 1;
    }

    /** The class file of a class beside {@code owner}, with the sliced version of {@code method} as its only method. */
    static byte[] classFile(MethodHandles.Lookup owner, MethodModel method, KernelLoops loops, boolean turned) {
        MethodTypeDesc type = KernelCopy.parameters(method);
        MethodTypeDesc sliced = type.insertParameterTypes(type.parameterCount(), LOOP_SLICE, DEVICE_ATOMICS);
        CodeTransform transform = new SlicedKernel(method, loops, turned).transform();
        return KernelCopy.classFile(owner, "$Sliced", method,
                builder -> KernelCopy.add(builder, method, sliced, transform));
    }

    private CodeTransform transform() {
        return new CodeTransform() {
            private int position;

            @Override
            public void atStart(CodeBuilder builder) {
                int parameters = KernelCopy.parameterSlots(method);
                builder.aload(parameters + 1).astore(KernelCopy.atomicsLocal(method));
                builder.aload(parameters).astore(sliceLocal(0));
                loops.forEach(_ -> steps.add(builder.newLabel()));
            }

            @Override
            public void accept(CodeBuilder builder, CodeElement element) {
                emit(builder, element, position);
                position++;
            }
        };
    }

    private void emit(CodeBuilder builder, CodeElement element, int position) {
        for (int depth = 0; depth < loops.size(); depth++) {
            ParallelLoop loop = loops.get(depth);
            if (position >= loop.firstOperand() && position < loop.branch()
                    && element instanceof Instruction) {
                return;
            }
            if (position == loop.firstOperand() - 1) {
                builder.iload(counted.get(depth).slot());
                return;
            }
            if (position == loop.branch()) {
                builder.iload(endLocal(depth)).if_icmpge(((BranchInstruction) element).target());
                return;
            }
            if (position == loop.increment()) {
                ParallelLoop variable = counted.get(depth);
                builder.labelBinding(steps.get(depth)).iinc(variable.slot(), variable.step());
                return;
            }
            if (position == loop.initialStore()) {
                builder.istore(counted.get(depth).slot());
                enter(builder, depth);
                return;
            }
        }
        OptionalInt left = kernelLoops.loopLeftAt(position);
        if (left.isPresent()) {
            builder.branch(element instanceof BranchInstruction branch ? branch.opcode() : Opcode.GOTO,
                    steps.get(left.getAsInt()));
            return;
        }
        builder.with(element);
    }

    /** Cuts the loop: computes its bound once, then the slice's end and first value. */
    private void enter(CodeBuilder builder, int depth) {
        ParallelLoop loop = counted.get(depth);
        elements.subList(loop.firstOperand(), loop.branch()).stream().filter(Instruction.class::isInstance)
                .forEach(builder::with);
        if (loop.inclusive()) {
            builder.iconst_1().iadd();
        }
        builder.istore(boundLocal(depth));
        boolean sharable = depth + 1 < loops.size();
        sliceAndRange(builder, depth).loadConstant(sharable ? 1 : 0).invokevirtual(LOOP_SLICE, "end", LIMIT)
                .istore(endLocal(depth));
        if (sharable) {
            sliceAndRange(builder, depth).invokevirtual(LOOP_SLICE, "inner", INNER)
                    .astore(sliceLocal(depth + 1));
        }
        sliceAndRange(builder, depth).loadConstant(sharable ? 1 : 0).invokevirtual(LOOP_SLICE, "first", LIMIT)
                .istore(loop.slot());
    }

    private CodeBuilder sliceAndRange(CodeBuilder builder, int depth) {
        ParallelLoop loop = counted.get(depth);
        return builder.aload(sliceLocal(depth)).iload(loop.slot()).iload(boundLocal(depth))
                .loadConstant(loop.step());
    }

    private int sliceLocal(int depth) {
        return firstLocal + LOCALS_PER_LOOP * depth;
    }

    private int boundLocal(int depth) {
        return firstLocal + LOCALS_PER_LOOP * depth + 1;
    }

    private int endLocal(int depth) {
        return firstLocal + LOCALS_PER_LOOP * depth + 2;
    }
}
