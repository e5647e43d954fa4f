package org.quantado.cli.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.io.StringReader;
import java.util.List;
import java.util.Map;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;

import javax.xml.parsers.DocumentBuilderFactory;

import org.junit.jupiter.api.Test;
import org.quantado.bench.peaks.DevicePeaks;
import org.quantado.bench.Measurements;
import org.quantado.bench.Op;
import org.quantado.bench.Result;
import org.quantado.bench.Subject;
import org.quantado.bench.timing.Times;
import org.quantado.cli.engine.RunningEngine;
import org.quantado.kernels.matmul.Flavour;
import org.w3c.dom.Document;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;
import org.xml.sax.InputSource;

class RooflinePictureTest {
    private static final RunningEngine ENGINE = new RunningEngine("host", "0:0", "a <fast> & wide CPU", "JVM", "host");
    private static final DevicePeaks PEAKS = new DevicePeaks(1e10, 1e12);

    @Test
    void everyResultWithOperationsIsAPointAtItsRate() throws Exception {
        Document picture = draw(List.of(result(Op.GEMV, "mxfp4", 4, 2e10), result(Op.GEMM, "mxfp4", 1000, 4e11),
                result(Op.MOE, "mxfp8", 10, 1e10), result(Op.ROUTING, "softmax", 0, 0)));
        assertThat(texts(picture, "title")).containsExactly("gemv mxfp4 n=8, 2 rows: 20.0 GFLOP/s",
                "gemm mxfp4 n=8, 2 rows: 400.0 GFLOP/s", "moe mxfp8 n=8, 2 rows: 10.0 GFLOP/s");
        assertThat(texts(picture, "text"))
                .contains("gemv mxfp4", "gemm mxfp4", "moe mxfp8", "10.0 GB/s", "1000 GFLOP/s",
                        "the host engine, device 0:0 a <fast> & wide CPU (JVM), host kernels")
                .doesNotContain("routing softmax");
        Element circle = (Element) picture.getElementsByTagName("circle").item(0);
        // from 1 to 1000 operations per byte in 620 points, from 10 to 1000 GFLOP/s in 430
        assertThat(Double.parseDouble(circle.getAttribute("cx"))).isCloseTo(70 + 620 * Math.log10(4) / 3, within(0.1));
        assertThat(Double.parseDouble(circle.getAttribute("cy"))).isCloseTo(480 - 430 * Math.log10(2) / 2, within(0.1));
    }

    @Test
    void withoutResultsThereIsTheRoof() throws Exception {
        Document picture = draw(List.of());
        Element roof = (Element) picture.getElementsByTagName("polyline").item(0);
        assertThat(roof.getAttribute("points").split(" ")).hasSize(3);
        assertThat(texts(picture, "title")).isEmpty();
    }

    @Test
    void axesHaveWholeDecades() {
        LogAxis axis = LogAxis.over(DoubleStream.of(0.02, 300), 0, 50);
        assertThat(axis.decades()).containsExactly(-2, -1, 0, 1, 2, 3);
        assertThat(axis.position(axis.min())).isZero();
        assertThat(axis.position(axis.max())).isEqualTo(50);
        assertThat(axis.position(1)).isCloseTo(20, within(1e-9));
        assertThat(LogAxis.over(DoubleStream.of(10), 0, 1).decades()).containsExactly(1, 2);
    }

    private static Result result(Op op, String format, double intensity, double rate) {
        Times times = new Times(1, 1, 1);
        return new Result(new Subject(op, format, Map.of("n", 8), 2), times, times, 100, 100 * intensity, 1, rate, 1, 1,
                0, 0, 0);
    }

    private static Document draw(List<Result> results) throws Exception {
        String svg = RooflinePicture.draw(ENGINE, new Measurements(Flavour.HOST, "tested", PEAKS, results));
        return DocumentBuilderFactory.newInstance().newDocumentBuilder().parse(new InputSource(new StringReader(svg)));
    }

    private static List<String> texts(Document picture, String tag) {
        NodeList nodes = picture.getElementsByTagName(tag);
        return IntStream.range(0, nodes.getLength()).mapToObj(i -> nodes.item(i).getTextContent()).toList();
    }
}
