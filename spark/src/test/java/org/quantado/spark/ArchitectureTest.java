package org.quantado.spark;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.importer.ImportOption.DoNotIncludeTests;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;

/** Who does not use Spark does not see it. */
@AnalyzeClasses(packages = "org.quantado", importOptions = DoNotIncludeTests.class)
class ArchitectureTest {
    private static final String SPARK = "org.quantado.spark..";

    @ArchTest
    static final ArchRule NOTHING_ELSE_KNOWS_SPARK = noClasses().that().resideOutsideOfPackage(SPARK)
            .should().dependOnClassesThat().resideInAnyPackage(SPARK, "org.apache.spark..", "scala..");

    @ArchTest
    static final ArchRule IT_KNOWS_TASKS_AND_NOT_WHAT_THEY_DO = classes().that().resideInAPackage(SPARK)
            .should().onlyDependOnClassesThat().resideInAnyPackage(SPARK, "org.quantado.schemes.cluster..",
                    "org.quantado.kernels..", "org.apache.spark..", "scala..", "java..");
}
