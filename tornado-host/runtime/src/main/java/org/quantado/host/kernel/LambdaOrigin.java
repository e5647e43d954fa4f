package org.quantado.host.kernel;

import java.lang.classfile.Instruction;
import java.lang.classfile.instruction.InvokeDynamicInstruction;
import java.util.List;
import java.util.Optional;

import org.quantado.host.bytecode.CallSite;
import uk.ac.manchester.tornado.api.TaskGraph;

/**
 * Which {@code invokedynamic} instruction made the lambda that is just being given to {@link TaskGraph}: the one that made
 * the argument of that call, where necessary by way of the parameters of the methods around it.
 */
final class LambdaOrigin {
    private static final StackWalker WALKER = StackWalker.getInstance(StackWalker.Option.RETAIN_CLASS_REFERENCE);
    /** Of {@code TaskGraph.task(String, TaskN, ...)}. */
    private static final int CODE = 1;

    private LambdaOrigin() {
    }

    /** The instruction that made {@code lambda}; empty if the code of the methods being executed does not tell. */
    static Optional<InvokeDynamicInstruction> find(Object lambda) {
        List<StackWalker.StackFrame> frames = WALKER.walk(
                all -> all.dropWhile(f -> f.getDeclaringClass() != TaskGraph.class).toList());
        int argument = CODE;
        for (int f = 1; f < frames.size(); f++) {
            StackWalker.StackFrame callee = frames.get(f - 1);
            Optional<CallSite> site = CallSite.of(frames.get(f))
                    .filter(s -> s.calls(callee.getMethodName(), callee.getDescriptor()));
            int wanted = argument;
            Optional<Instruction> producer = site.flatMap(s -> s.producer(wanted));
            if (producer.isPresent() && producer.get() instanceof InvokeDynamicInstruction made) {
                boolean isMaker = lambda.getClass().getName()
                        .startsWith(frames.get(f).getDeclaringClass().getName() + LambdaTarget.LAMBDA_CLASS_INFIX);
                return isMaker ? Optional.of(made) : Optional.empty();
            }
            Optional<Integer> parameter = producer.flatMap(p -> site.get().parameter(p));
            if (parameter.isEmpty()) {
                return Optional.empty();
            }
            argument = parameter.get();
        }
        return Optional.empty();
    }
}
