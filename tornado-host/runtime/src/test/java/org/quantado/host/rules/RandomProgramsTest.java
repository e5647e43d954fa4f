package org.quantado.host.rules;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import java.util.stream.Stream;

import javax.tools.JavaCompiler;
import javax.tools.ToolProvider;

import org.quantado.host.EngineExtension;
import org.quantado.host.engine.HostTaskGraph;
import org.quantado.host.rules.RandomProgram.In;
import org.quantado.host.rules.RandomProgram.Out;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Assume;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.ShrinkingMode;
import net.jqwik.api.Tag;
import net.jqwik.api.lifecycle.AfterTry;
import net.jqwik.api.lifecycle.BeforeContainer;
import uk.ac.manchester.tornado.api.TaskGraph;
import uk.ac.manchester.tornado.api.TornadoExecutionPlan;
import uk.ac.manchester.tornado.api.TornadoTaskGraphInterface;
import uk.ac.manchester.tornado.api.common.TaskPackage;
import uk.ac.manchester.tornado.api.common.TornadoFunctions.Task4;
import uk.ac.manchester.tornado.api.enums.DataTransferMode;
import uk.ac.manchester.tornado.api.exceptions.TornadoExecutionPlanException;
import uk.ac.manchester.tornado.api.exceptions.TornadoInternalError;
import uk.ac.manchester.tornado.api.runtime.ExecutorFrame;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/**
 * Kernels made by chance do the same on the host engine and on the engine that the JVM was started with. Where that is
 * the host engine too, it has another number of threads, and other leftovers in its memory.
 */
@Tag("device")
class RandomProgramsTest {
    /** The same programs each time: what TornadoVM's compiler makes of some others is still to be found out. */
    private static final String SEED = "20261129";
    private static final int SIZE = 24;
    private static final String STRICT = "quantado.host.strict";
    private static final String THREADS = "quantado.host.threads";
    private static final AtomicInteger NUMBER = new AtomicInteger();

    private final List<Path> written = new ArrayList<>();

    @BeforeContainer
    static void install() throws IOException {
        new EngineExtension().beforeAll(null);
    }

    @Provide
    Arbitrary<RandomProgram> programs() {
        return RandomPrograms.any();
    }

    @Property(tries = 60, seed = SEED, shrinking = ShrinkingMode.BOUNDED)
    void bothEnginesAgree(@ForAll("programs") RandomProgram program) throws Exception {
        List<Task4<IntArray, IntArray, IntArray, IntArray>> code = compile(program);
        List<IntArray> leftoversAreNaN = arrays();
        List<IntArray> leftoversAreZero = arrays();
        List<IntArray> other = arrays();
        onHost(program, code, leftoversAreNaN, true);
        onHost(program, code, leftoversAreZero, false);
        try {
            onOther(program, code, other);
        } catch (Exception | TornadoInternalError e) {
            Assume.that(!hasConstantCondition(e));
            throw e;
        }
        for (int a = 0; a < RandomProgram.ARRAYS; a++) {
            for (int i = 0; i < SIZE; i++) {
                boolean isDefined = leftoversAreNaN.get(a).get(i) == leftoversAreZero.get(a).get(i);
                if (isDefined) {
                    assertThat(other.get(a).get(i)).as("%s[%d] of%n%s", RandomProgram.name(a), i, program.source("P"))
                            .isEqualTo(leftoversAreNaN.get(a).get(i));
                }
            }
        }
    }

    /** TornadoVM's compiler gives up where one condition of a kernel decides another. */
    private static boolean hasConstantCondition(Throwable failure) {
        return failure.toString().contains("LogicConstantNode")
                || (failure.getCause() != null && hasConstantCondition(failure.getCause()));
    }

    @AfterTry
    void delete() throws IOException {
        for (Path file : written) {
            Files.deleteIfExists(file);
        }
        System.setProperty(STRICT, "true");
        System.clearProperty(THREADS);
    }

    private static void onHost(RandomProgram program, List<Task4<IntArray, IntArray, IntArray, IntArray>> code,
            List<IntArray> arrays, boolean strict) {
        System.setProperty(STRICT, Boolean.toString(strict));
        System.setProperty(THREADS, strict ? "1" : "3");
        HostTaskGraph graph = new HostTaskGraph("host");
        IntArray choice = choice();
        graph.transferToDevice(DataTransferMode.EVERY_EXECUTION, choice);
        for (int a = 0; a < RandomProgram.ARRAYS; a++) {
            if (program.in().get(a) != In.NOT_NAMED) {
                graph.transferToDevice(mode(program.in().get(a)), arrays.get(a));
            }
        }
        for (int k = 0; k < code.size(); k++) {
            graph.addTask(TaskPackage.createPackage("t" + k, code.get(k), arrays.get(0), arrays.get(1), arrays.get(2),
                    choice));
        }
        for (int a = 0; a < RandomProgram.ARRAYS; a++) {
            if (program.out().get(a) != Out.NOT_NAMED) {
                graph.transferToHost(mode(program.out().get(a)), arrays.get(a));
            }
        }
        TornadoTaskGraphInterface executable = graph.createImmutableTaskGraph();
        for (int execution = 0; execution < 2; execution++) {
            executable.execute(new ExecutorFrame(1));
            arrays.forEach(RandomProgramsTest::change);
        }
    }

    private static void onOther(RandomProgram program, List<Task4<IntArray, IntArray, IntArray, IntArray>> code,
            List<IntArray> arrays) throws TornadoExecutionPlanException {
        System.setProperty(STRICT, "true");
        System.setProperty(THREADS, "2");
        TaskGraph graph = new TaskGraph("other" + NUMBER.get());
        IntArray choice = choice();
        graph.transferToDevice(DataTransferMode.EVERY_EXECUTION, choice);
        for (int a = 0; a < RandomProgram.ARRAYS; a++) {
            if (program.in().get(a) != In.NOT_NAMED) {
                graph.transferToDevice(mode(program.in().get(a)), arrays.get(a));
            }
        }
        for (int k = 0; k < code.size(); k++) {
            graph.task("t" + k, code.get(k), arrays.get(0), arrays.get(1), arrays.get(2), choice);
        }
        for (int a = 0; a < RandomProgram.ARRAYS; a++) {
            if (program.out().get(a) != Out.NOT_NAMED) {
                graph.transferToHost(mode(program.out().get(a)), arrays.get(a));
            }
        }
        try (TornadoExecutionPlan plan = new TornadoExecutionPlan(graph.snapshot())) {
            for (int execution = 0; execution < 2; execution++) {
                plan.execute();
                arrays.forEach(RandomProgramsTest::change);
            }
        }
    }

    private static int mode(In in) {
        return in == In.FIRST ? DataTransferMode.FIRST_EXECUTION : DataTransferMode.EVERY_EXECUTION;
    }

    private static int mode(Out out) {
        return out == Out.UNDER_DEMAND ? DataTransferMode.UNDER_DEMAND : DataTransferMode.EVERY_EXECUTION;
    }

    private static List<IntArray> arrays() {
        return IntStream.range(0, RandomProgram.ARRAYS).mapToObj(a -> array(10 * (a + 1), 1)).toList();
    }

    private static IntArray choice() {
        return array(0, 3);
    }

    private static IntArray array(int first, int cycle) {
        IntArray array = new IntArray(SIZE);
        for (int i = 0; i < SIZE; i++) {
            array.set(i, first + (cycle == 1 ? i : i * 5 % 7 % cycle));
        }
        return array;
    }

    /** What a user does between two executions. */
    private static void change(IntArray array) {
        for (int i = 0; i < SIZE; i++) {
            array.set(i, array.get(i) + 1000);
        }
    }

    /** Compiles the kernels into the folder of this test's own classes, where engines look for them. */
    @SuppressWarnings("unchecked")
    private List<Task4<IntArray, IntArray, IntArray, IntArray>> compile(RandomProgram program) throws Exception {
        String name = "Program" + NUMBER.incrementAndGet();
        Path classes = Path.of(RandomProgramsTest.class.getProtectionDomain().getCodeSource().getLocation().toURI());
        Path sources = Files.createTempDirectory("program");
        Path source = Files.writeString(sources.resolve(name + ".java"), program.source(name));
        JavaCompiler javac = ToolProvider.getSystemJavaCompiler();
        StringWriter errors = new StringWriter();
        String api = Path.of(IntArray.class.getProtectionDomain().getCodeSource().getLocation().toURI()).toString();
        boolean compiled = javac.getTask(errors, null, null,
                List.of("-g", "-proc:none", "-cp", api, "-d", classes.toString()), null,
                javac.getStandardFileManager(null, null, null).getJavaFileObjects(source)).call();
        assertThat(compiled).as("%s%n%s", errors, program.source(name)).isTrue();
        try (Stream<Path> files = Files.list(classes.resolve("org/quantado/host/rules"))) {
            files.filter(f -> f.getFileName().toString().startsWith(name)).forEach(written::add);
        }
        written.add(source);
        written.add(sources);
        List<Task4<IntArray, IntArray, IntArray, IntArray>> code = new ArrayList<>();
        for (int k = 0; k < program.kernels().size(); k++) {
            Class<?> kernel = Class.forName("org.quantado.host.rules." + name + "$K" + k);
            code.add((Task4<IntArray, IntArray, IntArray, IntArray>) kernel.getMethod("code").invoke(null));
        }
        return code;
    }
}
