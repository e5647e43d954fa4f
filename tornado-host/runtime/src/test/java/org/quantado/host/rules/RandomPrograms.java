package org.quantado.host.rules;

import java.util.HashSet;
import java.util.List;
import java.util.Set;

import org.quantado.host.rules.RandomProgram.Help;
import org.quantado.host.rules.RandomProgram.If;
import org.quantado.host.rules.RandomProgram.In;
import org.quantado.host.rules.RandomProgram.Kernel;
import org.quantado.host.rules.RandomProgram.Leave;
import org.quantado.host.rules.RandomProgram.Out;
import org.quantado.host.rules.RandomProgram.Repeat;
import org.quantado.host.rules.RandomProgram.Statement;
import org.quantado.host.rules.RandomProgram.Store;

import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;

/** Makes {@link RandomProgram}s. */
final class RandomPrograms {
    private static final int MAX_DEPTH = 2;

    private RandomPrograms() {
    }

    static Arbitrary<RandomProgram> any() {
        return Combinators
                .combine(kernel().list().ofMinSize(1).ofMaxSize(3),
                        Arbitraries.of(In.class).list().ofSize(RandomProgram.ARRAYS),
                        Arbitraries.of(Out.class).list().ofSize(RandomProgram.ARRAYS))
                .as(RandomProgram::new)
                .filter(program -> program.kernels().stream().noneMatch(k -> asksAgain(k.body(), Set.of())));
    }

    /**
     * Whether a condition stands where it is decided already: TornadoVM removes one of its sides before it looks which
     * arrays are written.
     */
    private static boolean asksAgain(List<Statement> body, Set<String> decided) {
        Set<String> known = new HashSet<>(decided);
        for (Statement statement : body) {
            boolean again = switch (statement) {
                case Store _ -> false;
                case Help help -> help.guarded() && known.contains(RandomProgram.GUARD);
                case Repeat repeat -> asksAgain(repeat.body(), known);
                case Leave leave -> !known.add(leave.condition());
                case If branch -> known.contains(branch.condition())
                        || asksAgain(branch.then(), with(known, branch.condition()))
                        || asksAgain(branch.otherwise(), with(known, branch.condition()));
            };
            if (again) {
                return true;
            }
        }
        return false;
    }

    private static Set<String> with(Set<String> conditions, String another) {
        Set<String> all = new HashSet<>(conditions);
        all.add(another);
        return all;
    }

    private static Arbitrary<Kernel> kernel() {
        Arbitrary<List<Statement>> body = statement(0).list().ofMinSize(1).ofMaxSize(3);
        Arbitrary<Kernel> byOne = Combinators.combine(Arbitraries.integers().between(0, 1),
                Arbitraries.of(true, false), body).as((start, half, code) -> new Kernel(start, 1, half, code));
        Arbitrary<Kernel> byMore = Combinators.combine(Arbitraries.integers().between(2, 3),
                Arbitraries.of(true, false), body).as((step, half, code) -> new Kernel(0, step, half, code));
        return Arbitraries.frequencyOf(net.jqwik.api.Tuple.of(3, byOne), net.jqwik.api.Tuple.of(1, byMore));
    }

    private static Arbitrary<Statement> statement(int depth) {
        Arbitrary<Statement> simple = Arbitraries.oneOf(store(), store(), help(), leave(depth));
        if (depth == MAX_DEPTH) {
            return Arbitraries.oneOf(store(), help());
        }
        Arbitrary<List<Statement>> block = Arbitraries.lazy(() -> statement(depth + 1)).list().ofMinSize(1)
                .ofMaxSize(2);
        Arbitrary<List<Statement>> maybe = Arbitraries.oneOf(Arbitraries.just(List.of()), block);
        Arbitrary<Statement> branch = Combinators.combine(condition(), block, maybe).as(If::new);
        Arbitrary<Statement> repeat = Combinators
                .combine(Arbitraries.integers().between(1, 3), withoutLeaving(depth + 1)).as(Repeat::new);
        return Arbitraries.oneOf(simple, simple, branch, repeat);
    }

    private static Arbitrary<List<Statement>> withoutLeaving(int depth) {
        Arbitrary<Statement> inside = Arbitraries.oneOf(store(), help(), Combinators
                .combine(condition(), store().list().ofSize(1), Arbitraries.just(List.<Statement>of()))
                .as(If::new));
        return inside.list().ofMinSize(1).ofMaxSize(3 - depth);
    }

    private static Arbitrary<Statement> store() {
        return Combinators.combine(array(), value()).as(Store::new);
    }

    private static Arbitrary<Statement> help() {
        return Combinators.combine(array(), value(), Arbitraries.of(true, false)).as(Help::new);
    }

    /** Only where the loop is the innermost one: TornadoVM knows no way out of two at once. */
    private static Arbitrary<Statement> leave(int depth) {
        return depth > 0
                ? store()
                : Combinators.combine(condition(), Arbitraries.of("continue", "return")).as(Leave::new);
    }

    private static Arbitrary<Integer> array() {
        return Arbitraries.integers().between(0, RandomProgram.ARRAYS - 1);
    }

    private static Arbitrary<String> condition() {
        return Arbitraries.of("i % 2 == 0", "i < 11", RandomProgram.GUARD, "choice.get(i) == i % 3");
    }

    private static Arbitrary<String> value() {
        Arbitrary<String> constant = Arbitraries.integers().between(100, 999).map(String::valueOf);
        Arbitrary<String> element = array().map(a -> RandomProgram.name(a) + ".get(i) + 1");
        return Arbitraries.oneOf(constant, constant, element, Arbitraries.just("choice.get(i) + i"));
    }
}
