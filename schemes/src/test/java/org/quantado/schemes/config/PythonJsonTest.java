package org.quantado.schemes.config;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PythonJsonTest {
    private static final ObjectMapper MAPPER = new ObjectMapper();

    /** The right column is what {@code repr} of CPython 3.13 gives. */
    @ParameterizedTest
    @CsvSource({"0.00001, 1e-05", "0.0001, 0.0001", "1e-6, 1e-06", "10000.0, 10000.0",
            "1e15, 1000000000000000.0",
            "1e16, 1e+16", "1.5e300, 1.5e+300", "0.1, 0.1", "-2.5, -2.5",
            "1234567890.125, 1234567890.125",
            "0.0, 0.0", "-0.0, -0.0", "1.0, 1.0", "123456789012345678, 123456789012345678",
            "1.7976931348623157e308, 1.7976931348623157e+308"})
    void writesNumbersAsPython(String json, String python) throws IOException {
        assertThat(PythonJson.text(MAPPER.readTree(json))).isEqualTo(python);
    }

    @Test
    void writesTextAsPython() throws IOException {
        assertThat(PythonJson.text(MAPPER
                .readTree("{\"b\":[],\"a\":{},\"c\":[1,{\"x\":null}],\"\\u00e9\":\"\\\"\\\\\\n\\u007f/\"}")))
                .isEqualTo("""
                        {
                          "a": {},
                          "b": [],
                          "c": [
                            1,
                            {
                              "x": null
                            }
                          ],
                          "\\u00e9": "\\"\\\\\\n\\u007f/"
                        }""");
    }
}
