package org.quantado.cli.devices;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.quantado.cli.CommandRun;
import org.quantado.cli.engine.EngineKind;
import org.quantado.cli.engine.RunningEngine;
import org.quantado.cli.report.ExitCode;
import org.quantado.kernels.engine.Engine;

import com.fasterxml.jackson.databind.JsonNode;

@Tag("device")
class DevicesCommandTest {
    @AfterEach
    void forgetDevice() {
        System.clearProperty(Engine.DEVICE_PROPERTY);
    }

    @Test
    void describesTheDeviceThatIsUsed() {
        JsonNode json = CommandRun.of("devices", "--json").json();
        assertThat(json.path("use").path("device").asText()).isEqualTo("0:0");
        assertThat(json.path("use").path("engine")).isEqualTo(json.path("engine"));
        JsonNode device = json.path("devices").path(0);
        assertThat(device.path("id").asText()).isEqualTo("0:0");
        assertThat(device.path("name").asText()).isNotBlank();
        assertThat(device.path("globalMemoryBytes").asLong()).isPositive();
        assertThat(device.path("maxWorkGroupSize").asInt()).isPositive();
        assertThat(device.path("computeUnits").asInt()).isPositive();
        assertThat(json.path("flavours").path(0).asText()).isEqualTo("portable");
    }

    @Test
    void printsATable() {
        CommandRun run = CommandRun.of("devices", "--device", "0:0");
        assertThat(run.exitCode()).isEqualTo(ExitCode.DONE);
        assertThat(run.out()).contains("Engine: ", "because", "TornadoVM SDK: ", "<- used");
    }

    @Test
    void deviceDoesNotExist() {
        CommandRun run = CommandRun.of("devices", "--device", "7:3", "--json");
        run.assertFailedWith(ExitCode.NO_DEVICE, "7:3", "does not exist");
        assertThat(run.json().path("devices")).isNotEmpty();
        assertThat(run.json().has("use")).isFalse();
    }

    @Test
    void anotherEngineWasAskedFor() {
        String other = RunningEngine.kind() == EngineKind.HOST ? "tornado" : "host";
        CommandRun.of("devices", "--engine", other).assertFailedWith(ExitCode.NO_DEVICE, "--engine " + other,
                "launcher");
        CommandRun.of("demo", "--engine", other).assertFailedWith(ExitCode.NO_DEVICE, "--engine " + other);
    }
}
