package org.quantado.examples.service;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;

import org.junit.jupiter.api.Test;
import org.quantado.models.TextModel;

import com.sun.net.httpserver.HttpServer;

class TextServiceTest {
    private static final Path TALES = Path.of(System.getProperty("quantado.root"),
            "cli/src/main/resources/org/quantado/cli/demo/tales-2m");

    @Test
    void answersWhatIsPosted() throws Exception {
        try (TextModel model = TextModel.open(TALES); HttpClient client = HttpClient.newHttpClient()) {
            HttpServer server = TextService.start(model, 0, 8);
            try {
                HttpRequest.Builder request = HttpRequest
                        .newBuilder(URI.create("http://localhost:" + server.getAddress().getPort() + "/continue"));
                HttpResponse<String> answer = client.send(
                        request.POST(BodyPublishers.ofString("Once upon a time")).build(), BodyHandlers.ofString());
                assertThat(answer.statusCode()).isEqualTo(200);
                assertThat(answer.body()).isNotBlank();
                assertThat(client.send(request.GET().build(), BodyHandlers.ofString()).statusCode()).isEqualTo(405);
                assertThat(client.send(request.POST(BodyPublishers.ofString("a".repeat(5000))).build(),
                        BodyHandlers.ofString()).statusCode()).isEqualTo(413);
            } finally {
                server.stop(0);
            }
        }
    }
}
