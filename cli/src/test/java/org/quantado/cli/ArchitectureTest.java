package org.quantado.cli;

import static com.tngtech.archunit.base.DescribedPredicate.alwaysTrue;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.equivalentTo;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.Architectures.layeredArchitecture;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.importer.ImportOption.DoNotIncludeTests;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;

import org.quantado.kernels.matmul.Flavour;

@AnalyzeClasses(packages = "org.quantado", importOptions = DoNotIncludeTests.class)
class ArchitectureTest {
    private static final String HOST = "org.quantado.host..";
    private static final String KERNELS = "org.quantado.kernels..";
    private static final String SCHEMES = "org.quantado.schemes..";
    private static final String MOE = "org.quantado.moe..";
    private static final String MODELS = "org.quantado.models..";
    private static final String SERVER = "org.quantado.server..";
    private static final String LANGCHAIN = "org.quantado.langchain4j..";
    private static final String SPARK = "org.quantado.spark..";
    private static final String BENCH = "org.quantado.bench..";
    private static final String CLI = "org.quantado.cli..";

    private static final String FLAVOURS = "org.quantado.kernels.matmul.*..";
    private static final String TILED = "org.quantado.kernels.matmul.tiled..";

    @ArchTest
    static final ArchRule DEPENDENCIES_RUN_ONE_WAY = layeredArchitecture().consideringOnlyDependenciesInLayers()
            .layer("kernels").definedBy(KERNELS)
            .layer("schemes").definedBy(SCHEMES)
            .optionalLayer("moe").definedBy(MOE)
            .optionalLayer("models").definedBy(MODELS)
            .optionalLayer("server").definedBy(SERVER)
            .layer("bench").definedBy(BENCH)
            .layer("cli").definedBy(CLI)
            .whereLayer("server").mayOnlyBeAccessedByLayers("cli")
            .whereLayer("cli").mayNotBeAccessedByAnyLayer()
            .whereLayer("bench").mayOnlyBeAccessedByLayers("cli")
            .whereLayer("models").mayOnlyBeAccessedByLayers("server", "bench", "cli")
            .whereLayer("moe").mayOnlyBeAccessedByLayers("models", "server", "bench", "cli")
            .whereLayer("schemes").mayOnlyBeAccessedByLayers("moe", "models", "server", "bench", "cli")
            .whereLayer("kernels").mayOnlyBeAccessedByLayers("schemes", "moe", "models", "server", "bench", "cli");

    @ArchTest
    static final ArchRule THE_SERVER_STANDS_ALONE = noClasses().that().resideInAPackage(SERVER)
            .should().dependOnClassesThat().resideInAnyPackage(LANGCHAIN, SPARK, BENCH, CLI);

    @ArchTest
    static final ArchRule ONLY_THE_SERVER_KNOWS_HTTP = noClasses().that()
            .resideOutsideOfPackage("org.quantado.server.http..")
            .should().dependOnClassesThat().resideInAnyPackage("io.helidon..", "io.micrometer..");

    @ArchTest
    static final ArchRule THE_BATCH_KNOWS_NO_API = noClasses().that().resideInAPackage("org.quantado.server.batch..")
            .should().dependOnClassesThat()
            .resideInAnyPackage("org.quantado.server.api..", "org.quantado.server.http..");

    @ArchTest
    static final ArchRule KERNELS_KNOW_NO_JSON = noClasses().that().resideInAPackage(KERNELS)
            .should().dependOnClassesThat().resideInAPackage("com.fasterxml..");

    @ArchTest
    static final ArchRule NOTHING_KNOWS_THE_HOST_ENGINE = noClasses().that().resideOutsideOfPackage(HOST)
            .should().dependOnClassesThat().resideInAPackage(HOST);

    @ArchTest
    static final ArchRule THE_HOST_ENGINE_KNOWS_ONLY_THE_API = classes().that().resideInAPackage(HOST)
            .should().onlyDependOnClassesThat()
            .resideInAnyPackage(HOST, "uk.ac.manchester.tornado.api..", "java..", "com.sun.management..",
                    "org.slf4j..");

    @ArchTest
    static final ArchRule TASK_GRAPHS_ARE_BUILT_BY_KERNELS = noClasses().that()
            .resideInAnyPackage(SCHEMES, CLI)
            .should().dependOnClassesThat().haveFullyQualifiedName("uk.ac.manchester.tornado.api.TaskGraph");

    @ArchTest
    static final ArchRule NO_PACKAGES_KNOW_EACH_OTHER_IN_A_CIRCLE = slices().matching("org.quantado.(**)")
            .should().beFreeOfCycles()
            .ignoreDependency(equivalentTo(Flavour.class), resideInAPackage(FLAVOURS));

    @ArchTest
    static final ArchRule ONLY_THE_CHOICE_KNOWS_FLAVOURS = noClasses().that().resideOutsideOfPackage(FLAVOURS)
            .and().areNotAssignableTo(Flavour.class)
            .should().dependOnClassesThat().resideInAPackage(FLAVOURS);

    @ArchTest
    static final ArchRule FLAVOURS_DO_NOT_KNOW_EACH_OTHER = slices().matching("org.quantado.kernels.matmul.(*)..")
            .should().notDependOnEachOther()
            .ignoreDependency(alwaysTrue(), resideInAPackage(TILED));

    @ArchTest
    static final ArchRule COMMANDS_DO_NOT_KNOW_EACH_OTHER = slices().matching("org.quantado.cli.(*)..")
            .should().notDependOnEachOther()
            .ignoreDependency(alwaysTrue(), resideInAnyPackage("org.quantado.cli.report", "org.quantado.cli.engine",
                    "org.quantado.cli.text"));

    @ArchTest
    static final ArchRule BENCHMARKS_ARE_BUILT_ON_WHAT_MEASURES = layeredArchitecture()
            .consideringOnlyDependenciesInLayers()
            .layer("timing").definedBy("org.quantado.bench.timing")
            .layer("peaks").definedBy("org.quantado.bench.peaks")
            .layer("measuring").definedBy("org.quantado.bench")
            .layer("workloads").definedBy("org.quantado.bench.workloads")
            .layer("tuning").definedBy("org.quantado.bench.tuning")
            .layer("jmh").definedBy("org.quantado.bench.jmh")
            .whereLayer("jmh").mayNotBeAccessedByAnyLayer()
            .whereLayer("tuning").mayNotBeAccessedByAnyLayer()
            .whereLayer("workloads").mayOnlyBeAccessedByLayers("tuning", "jmh")
            .whereLayer("measuring").mayOnlyBeAccessedByLayers("workloads")
            .whereLayer("peaks").mayOnlyBeAccessedByLayers("measuring")
            .whereLayer("timing").mayOnlyBeAccessedByLayers("measuring", "peaks");
}
