package org.quantado.host.rules;

import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * A graph made by chance: kernels that share three arrays, as Java source, and what the graph says of the arrays'
 * transfers. Each iteration touches its own elements only, so that no order matters.
 *
 * @param kernels
 *            one for each task
 * @param in
 *            how each array is transferred to the device
 * @param out
 *            how each is transferred back
 */
record RandomProgram(List<Kernel> kernels, List<In> in, List<Out> out) {
    static final int ARRAYS = 3;
    /** The condition of the helper that has one. */
    static final String GUARD = "choice.get(i) > 1";

    /** Transfers to the device. */
    enum In {
        NOT_NAMED, FIRST, EVERY
    }

    /** Transfers to the host. */
    enum Out {
        NOT_NAMED, UNDER_DEMAND, EVERY
    }

    /** One {@code @Parallel} loop. */
    record Kernel(int start, int step, boolean half, List<Statement> body) {
        String source(String name) {
            String bound = half ? "a.getSize() / 2" : "a.getSize()";
            return """
                        static void %s(IntArray a, IntArray b, IntArray c, IntArray choice) {
                            for (@Parallel int i = %d; i < %s; i += %d) {
                    %s
                            }
                        }
                    """.formatted(name, start, bound, step,
                    body.stream().map(Statement::source).collect(Collectors.joining("\n")));
        }
    }

    /** A statement of a loop's body. */
    sealed interface Statement {
        String source();
    }

    /** An element becomes a number. */
    record Store(int array, String value) implements Statement {
        @Override
        public String source() {
            return "            " + name(array) + ".set(i, " + value + ");";
        }
    }

    /** The same in a helper, under a condition of its own or not. */
    record Help(int array, String value, boolean guarded) implements Statement {
        @Override
        public String source() {
            return "            " + (guarded ? "setIfChosen(" : "setAlways(") + name(array) + ", choice, i, " + value
                    + ");";
        }
    }

    /** A branch, with or without another side. */
    record If(String condition, List<Statement> then, List<Statement> otherwise) implements Statement {
        @Override
        public String source() {
            String other = otherwise.isEmpty() ? "" : " else {\n" + block(otherwise) + "\n            }";
            return "            if (" + condition + ") {\n" + block(then) + "\n            }" + other;
        }
    }

    /** A loop that is not parallel. */
    record Repeat(int times, List<Statement> body) implements Statement {
        @Override
        public String source() {
            return "            for (int k = 0; k < " + times + "; k++) {\n" + block(body) + "\n            }";
        }
    }

    /** An iteration ends here. */
    record Leave(String condition, String how) implements Statement {
        @Override
        public String source() {
            return "            if (" + condition + ") {\n                " + how + ";\n            }";
        }
    }

    private static String block(List<Statement> statements) {
        return statements.stream().map(Statement::source).collect(Collectors.joining("\n"));
    }

    static String name(int array) {
        return "abc".substring(array, array + 1);
    }

    /** The source of a class with the kernels, each in a class of its own beside the code that a task is given. */
    String source(String className) {
        String classes = IntStream.range(0, kernels.size()).mapToObj(k -> """
                    public static final class K%d {
                        public static Task4<IntArray, IntArray, IntArray, IntArray> code() {
                            return K%d::oneLoop;
                        }
                %s    }
                """.formatted(k, k, kernels.get(k).source("oneLoop"))).collect(Collectors.joining("\n"));
        return """
                package org.quantado.host.rules;

                import uk.ac.manchester.tornado.api.annotations.Parallel;
                import uk.ac.manchester.tornado.api.common.TornadoFunctions.Task4;
                import uk.ac.manchester.tornado.api.types.arrays.IntArray;

                public final class %s {
                    static void setIfChosen(IntArray to, IntArray choice, int i, int value) {
                        if (%s) {
                            to.set(i, value);
                        }
                    }

                    static void setAlways(IntArray to, IntArray choice, int i, int value) {
                        to.set(i, value);
                    }

                %s}
                """.formatted(className, GUARD, classes);
    }
}
