package org.quantado.kernels.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

import uk.ac.manchester.tornado.api.runtime.TornadoRuntimeProvider;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;

@Tag("device")
class EngineTest {
    @AfterEach
    void forgetTheDevice() {
        System.clearProperty(Engine.DEVICE_PROPERTY);
    }

    @Test
    void aRuntimeIsInstalledWithTheSettingsOfConf() {
        Engine.ensureInstalled();
        assertThat(System.getProperty("tornado.load.api.implementation")).isNotNull();
        assertThat(System.getProperty("tornado.recover.bailout")).isEqualTo("False");
        assertThat(TornadoRuntimeProvider.getTornadoRuntime().getNumBackends()).isPositive();
    }

    @Test
    void aDeviceIsChosenByProperty() {
        assertThat(Engine.selectedDevice()).isEmpty();
        System.setProperty(Engine.DEVICE_PROPERTY, "0:0");
        assertThat(Engine.selectedDevice()).isPresent();
    }

    @Test
    void aDeviceThatDoesNotExistIsRefused() {
        System.setProperty(Engine.DEVICE_PROPERTY, "0:99");
        assertThatThrownBy(Engine::selectedDevice).hasMessageContaining("0:99").hasMessageContaining("does not exist");
        System.setProperty(Engine.DEVICE_PROPERTY, "gpu");
        assertThatThrownBy(Engine::selectedDevice).hasMessageContaining("BACKEND:DEVICE");
    }

    @Test
    void arraysThatFitPass() {
        Engine.ensureInstalled();
        assertThatCode(() -> DeviceLimits.requireFit(new FloatArray(1000), "no array")).doesNotThrowAnyException();
    }
}
