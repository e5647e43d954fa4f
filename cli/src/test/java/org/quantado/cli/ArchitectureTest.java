package org.quantado.cli;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.Architectures.layeredArchitecture;

import com.tngtech.archunit.core.importer.ImportOption.DoNotIncludeTests;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;

@AnalyzeClasses(packages = "org.quantado", importOptions = DoNotIncludeTests.class)
class ArchitectureTest {
    private static final String HOST = "org.quantado.host..";
    private static final String KERNELS = "org.quantado.kernels..";
    private static final String SCHEMES = "org.quantado.schemes..";
    private static final String MOE = "org.quantado.moe..";
    private static final String MODELS = "org.quantado.models..";
    private static final String BENCH = "org.quantado.bench..";
    private static final String CLI = "org.quantado.cli..";

    @ArchTest
    static final ArchRule DEPENDENCIES_RUN_ONE_WAY = layeredArchitecture().consideringOnlyDependenciesInLayers()
            .layer("kernels").definedBy(KERNELS)
            .layer("schemes").definedBy(SCHEMES)
            .optionalLayer("moe").definedBy(MOE)
            .optionalLayer("models").definedBy(MODELS)
            .layer("bench").definedBy(BENCH)
            .layer("cli").definedBy(CLI)
            .whereLayer("cli").mayNotBeAccessedByAnyLayer()
            .whereLayer("bench").mayOnlyBeAccessedByLayers("cli")
            .whereLayer("models").mayOnlyBeAccessedByLayers("bench", "cli")
            .whereLayer("moe").mayOnlyBeAccessedByLayers("models", "bench", "cli")
            .whereLayer("schemes").mayOnlyBeAccessedByLayers("moe", "models", "bench", "cli")
            .whereLayer("kernels").mayOnlyBeAccessedByLayers("schemes", "moe", "models", "bench", "cli");

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
}
