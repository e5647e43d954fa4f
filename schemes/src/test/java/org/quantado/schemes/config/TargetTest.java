package org.quantado.schemes.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.quantado.schemes.checkpoint.CheckpointException;

class TargetTest {
    @ParameterizedTest
    @CsvSource({
            "lm_head, lm_head, true", "lm_head, model.lm_head, false", "re:lm_head, lm_head.x, true",
            "re:lm_head, model.lm_head, false", "re:.*mlp.gate$, model.layers.0.mlp.gate, true",
            "re:.*mlp.gate$, model.layers.0.mlp.gate_proj, false",
            "re:.*\\.(q|k|v)_proj$, a.k_proj, true", "re:(?P<n>a+)\\.(?P=n)\\Z, aa.aa, true",
            "re:(?P<n>a+)\\.(?P=n)\\Z, aa.aab, false", "re:[[&&]x, &x, true", "re:[[&&]x, [x, true",
            "re:[]a]x, ]x, true",
            "re:[^]]x, ]x, false", "re:a[b]c, abc, true", "re:\\w+, \u00e9, true", "re:, anything, true",
    })
    void matchesNamesAsPythonDoes(String target, String name, boolean matches) {
        assertThat(Target.of(target).matchesName(name)).isEqualTo(matches);
    }

    @Test
    void matchesPartsOfClassNamesInAnyCase() {
        assertThat(Target.of("Linear").matchesClass("QKVParallelLinear")).isTrue();
        assertThat(Target.of("linear").matchesClass("Linear")).isTrue();
        assertThat(Target.of("Linear").matchesClass("ParallelLMHead")).isFalse();
        assertThat(Target.of("re:.*Linear").matchesClass("RowParallelLinear")).isTrue();
        assertThat(Target.of("re:Linear").matchesClass("RowParallelLinear")).isFalse();
    }

    @Test
    void givesUpOnEndlessExpressions() {
        Target endless = Target.of("re:(.*)*(.*)*(.*)*[^a]$");
        assertThatThrownBy(() -> endless.matchesName("a".repeat(2000)))
                .isInstanceOf(CheckpointException.class)
                .hasMessageContaining("a pattern that takes too long");
        Target read = ConfigTexts.read("{'config_groups':{},'ignore':['re:(.*)*(.*)*(.*)*[^a]$']}").ignore()
                .getFirst();
        assertThatThrownBy(() -> read.matchesName("a".repeat(2000)))
                .hasMessageStartingWith("config.json: quantization_config.ignore.0 're:");
        Target deep = Target.of("re:(a|b)*c");
        assertThatThrownBy(() -> deep.matchesName("ab".repeat(1_000_000)))
                .isInstanceOf(CheckpointException.class);
        assertThatThrownBy(() -> Target.of("re:" + "(".repeat(9_000) + "a" + ")".repeat(1_000)))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> Target.of("re:" + "a".repeat(20_000)))
                .isInstanceOf(IllegalArgumentException.class);
    }
}
