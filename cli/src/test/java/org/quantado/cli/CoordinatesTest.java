package org.quantado.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.StringReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import java.util.stream.Stream;

import javax.xml.parsers.DocumentBuilderFactory;
import javax.xml.xpath.XPathConstants;
import javax.xml.xpath.XPathExpressionException;
import javax.xml.xpath.XPathFactory;

import org.junit.jupiter.api.Test;
import org.w3c.dom.Document;
import org.w3c.dom.NodeList;
import org.xml.sax.InputSource;

/** What the README tells to write into a pom.xml, and the BOM, name what is built. */
class CoordinatesTest {
    private static final Path ROOT = Path.of(System.getProperty("quantado.root"));
    /** How those begin that are to be read, not to be depended on. */
    private static final String EXAMPLE = "quantado-examples-";
    private static final Pattern SNIPPET = Pattern.compile("```xml\n(.*?)```", Pattern.DOTALL);

    @Test
    void readmeNamesTheBomOfThisVersion() throws Exception {
        Document snippet = readme();
        Document bom = pom("bom");
        String imported = "/project/dependencyManagement/dependencies/dependency";
        for (String part : List.of("groupId", "artifactId", "version")) {
            assertThat(values(snippet, imported + "/" + part)).isEqualTo(values(bom, "/project/" + part));
        }
        assertThat(values(snippet, imported + "/scope")).containsExactly("import");
        assertThat(values(bom, "/project/version")).isEqualTo(values(pom(""), "/project/version"));
    }

    @Test
    void readmeNamesArtifactsOfTheBom() throws Exception {
        assertThat(values(readme(), "/project/dependencies/dependency/artifactId"))
                .isNotEmpty().isSubsetOf(managed());
    }

    @Test
    void bomNamesAllThatIsBuiltButExamples() throws Exception {
        assertThat(managed()).containsExactlyInAnyOrderElementsOf(
                modules("").filter(artifact -> !artifact.startsWith(EXAMPLE)).toList());
    }

    private static List<String> managed() throws Exception {
        return values(pom("bom"), "/project/dependencyManagement/dependencies/dependency/artifactId");
    }

    /** The artifacts that are jars, of a folder and those in it. */
    private static Stream<String> modules(String folder) throws Exception {
        Document pom = pom(folder);
        if (!values(pom, "/project/packaging").contains("pom")) {
            return values(pom, "/project/artifactId").stream();
        }
        Stream<String> all = Stream.of();
        for (String module : values(pom, "/project/modules/module")) {
            all = Stream.concat(all, modules(folder.isEmpty() ? module : folder + "/" + module));
        }
        return all;
    }

    private static Document pom(String folder) throws Exception {
        return parse(Files.readString(ROOT.resolve(folder).resolve("pom.xml")));
    }

    private static Document readme() throws Exception {
        Matcher snippet = SNIPPET.matcher(Files.readString(ROOT.resolve("README.md")));
        assertThat(snippet.find()).isTrue();
        return parse("<project>" + snippet.group(1) + "</project>");
    }

    private static Document parse(String xml) throws Exception {
        return DocumentBuilderFactory.newInstance().newDocumentBuilder().parse(new InputSource(new StringReader(xml)));
    }

    private static List<String> values(Document document, String path) throws XPathExpressionException {
        NodeList nodes = (NodeList) XPathFactory.newInstance().newXPath().evaluate(path, document,
                XPathConstants.NODESET);
        return IntStream.range(0, nodes.getLength()).mapToObj(i -> nodes.item(i).getTextContent().strip()).toList();
    }
}
