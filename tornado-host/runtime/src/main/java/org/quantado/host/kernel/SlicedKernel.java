package org.quantado.host.kernel;

import java.lang.classfile.Attributes;
import java.lang.classfile.ClassFile;
import java.lang.classfile.ClassHierarchyResolver;
import java.lang.classfile.CodeBuilder;
import java.lang.classfile.CodeElement;
import java.lang.classfile.CodeModel;
import java.lang.classfile.CodeTransform;
import java.lang.classfile.Instruction;
import java.lang.classfile.MethodModel;
import java.lang.classfile.TypeKind;
import java.lang.classfile.attribute.CodeAttribute;
import java.lang.classfile.attribute.RuntimeVisibleTypeAnnotationsAttribute;
import java.lang.classfile.attribute.SourceFileAttribute;
import java.lang.classfile.instruction.BranchInstruction;
import java.lang.constant.ClassDesc;
import java.lang.constant.ConstantDescs;
import java.lang.constant.MethodTypeDesc;
import java.lang.invoke.MethodHandles;
import java.util.List;

import org.quantado.host.bytecode.ParallelLoop;

/**
 * Makes a second version of a kernel with {@code @Parallel} loops: it takes a {@link LoopSlice} more, and runs that slice
 * only. Everything else in it is the kernel's own bytecode; the one thing that a loop does differently in each iteration
 * is to compare with its slice's end instead of the bound.
 */
final class SlicedKernel {
    private static final ClassDesc LOOP_SLICE = LoopSlice.class.describeConstable().orElseThrow();
    private static final MethodTypeDesc LIMIT = MethodTypeDesc.ofDescriptor("(IIIZ)I");
    private static final MethodTypeDesc INNER = MethodTypeDesc.of(LOOP_SLICE, ConstantDescs.CD_int,
            ConstantDescs.CD_int, ConstantDescs.CD_int);
    private static final int LOCALS_PER_LOOP = 3;

    private final MethodModel method;
    private final CodeAttribute code;
    private final List<ParallelLoop> loops;
    /** The locals that hold the slice, the bound and the end of each loop, beyond all that the kernel itself uses. */
    private final int firstLocal;

    private SlicedKernel(MethodModel method, List<ParallelLoop> loops) {
        this.method = method;
        this.code = (CodeAttribute) method.code().orElseThrow();
        this.loops = loops;
        this.firstLocal = Math.max(code.maxLocals(), parameterSlots() + 1);
    }

    /** The class file of a class beside {@code owner}, with the sliced version of {@code method} as its only method. */
    static byte[] classFile(MethodHandles.Lookup owner, MethodModel method, List<ParallelLoop> loops) {
        return new SlicedKernel(method, loops).classFile(owner);
    }

    private byte[] classFile(MethodHandles.Lookup owner) {
        ClassFile classFile = ClassFile.of(ClassFile.StackMapsOption.GENERATE_STACK_MAPS,
                ClassFile.ClassHierarchyResolverOption.of(ClassHierarchyResolver.ofClassLoading(owner)));
        MethodTypeDesc type = method.methodTypeSymbol();
        MethodTypeDesc sliced = type.insertParameterTypes(type.parameterCount(), LOOP_SLICE);
        ClassDesc name = ClassDesc.of(owner.lookupClass().getName() + "$Sliced");
        return classFile.build(name, builder -> {
            builder.withFlags(ClassFile.ACC_FINAL | ClassFile.ACC_SYNTHETIC);
            method.parent().orElseThrow().findAttribute(Attributes.sourceFile())
                    .ifPresent(source -> builder.with(SourceFileAttribute.of(source.sourceFile())));
            builder.withMethod(method.methodName(), builder.constantPool().utf8Entry(sliced),
                    ClassFile.ACC_STATIC,
                    m -> m.transformCode((CodeModel) code, transform()));
        });
    }

    private CodeTransform transform() {
        return new CodeTransform() {
            private int position;

            @Override
            public void atStart(CodeBuilder builder) {
                builder.aload(parameterSlots()).astore(sliceLocal(0));
            }

            @Override
            public void accept(CodeBuilder builder, CodeElement element) {
                emit(builder, element, position);
                position++;
            }
        };
    }

    private void emit(CodeBuilder builder, CodeElement element, int position) {
        if (element instanceof RuntimeVisibleTypeAnnotationsAttribute) {
            return;
        }
        for (int depth = 0; depth < loops.size(); depth++) {
            ParallelLoop loop = loops.get(depth);
            if (position >= loop.firstOperand() && position < loop.branch()
                    && element instanceof Instruction) {
                return;
            }
            if (position == loop.branch()) {
                builder.iload(endLocal(depth)).if_icmpge(((BranchInstruction) element).target());
                return;
            }
        }
        builder.with(element);
        for (int depth = 0; depth < loops.size(); depth++) {
            if (position == loops.get(depth).initialStore()) {
                enter(builder, depth);
            }
        }
    }

    /** Cuts the loop: computes its bound once, then the slice's end and first value. */
    private void enter(CodeBuilder builder, int depth) {
        ParallelLoop loop = loops.get(depth);
        List<CodeElement> elements = code.elementList();
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
        ParallelLoop loop = loops.get(depth);
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

    private int parameterSlots() {
        return method.methodTypeSymbol().parameterList().stream().mapToInt(p -> TypeKind.from(p).slotSize())
                .sum();
    }
}
