package org.quantado.langchain4j;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;

import com.tngtech.archunit.core.importer.ImportOption.DoNotIncludeTests;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;

/** A model in the process needs no server. */
@AnalyzeClasses(packages = "org.quantado.langchain4j", importOptions = DoNotIncludeTests.class)
class ArchitectureTest {
    @ArchTest
    static final ArchRule IT_KNOWS_MODELS_ALONE = classes().should().onlyDependOnClassesThat().resideInAnyPackage(
            "org.quantado.langchain4j..", "org.quantado.models..", "org.quantado.schemes.checkpoint..",
            "dev.langchain4j..", "java..");
}
