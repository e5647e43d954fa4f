package org.quantado.models.text;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;

import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.CharRange;
import net.jqwik.api.constraints.NotEmpty;
import net.jqwik.api.constraints.Size;
import net.jqwik.api.constraints.StringLength;
import org.junit.jupiter.api.Test;

class StopStringsTest {
    @Test
    void aStopMayLieAcrossPieces() {
        StopStrings stops = new StopStrings(List.of("END", "\n\n"));
        assertThat(stops.add("a E")).isEqualTo("a ");
        assertThat(stops.add("N")).isEmpty();
        assertThat(stops.add("T\n")).isEqualTo("ENT");
        assertThat(stops.add("x\n")).isEqualTo("\nx");
        assertThat(stops.found()).isFalse();
        assertThat(stops.add("\nmore")).isEmpty();
        assertThat(stops.found()).isTrue();
        assertThat(stops.add("more")).isEmpty();
        assertThat(stops.finish()).isEmpty();
    }

    @Test
    void whatWasHeldBackComesInTheEnd() {
        StopStrings stops = new StopStrings(List.of("aab"));
        assertThat(stops.add("xaaa")).isEqualTo("xa");
        assertThat(stops.finish()).isEqualTo("aa");
    }

    @Test
    void anEmptyStopIsRefused() {
        assertThatThrownBy(() -> new StopStrings(List.of("a", ""))).isInstanceOf(IllegalArgumentException.class);
    }

    @Property
    void textEndsBeforeTheFirstStop(
            @ForAll @Size(max = 8) List<@StringLength(max = 4) @CharRange(from = 'a', to = 'c') String> pieces,
            @ForAll @Size(max = 3) List<@NotEmpty @StringLength(min = 1, max = 3) @CharRange(from = 'a', to = 'c') String> all) {
        StopStrings stops = new StopStrings(all);
        StringBuilder text = new StringBuilder();
        pieces.forEach(piece -> text.append(stops.add(piece)));
        text.append(stops.finish());
        String whole = String.join("", pieces);
        int end = all.stream().mapToInt(whole::indexOf).filter(index -> index >= 0).min().orElse(-1);
        assertThat(stops.found()).isEqualTo(end >= 0);
        if (end < 0) {
            assertThat(text.toString()).isEqualTo(whole);
        } else {
            assertThat(all).noneMatch(text.toString()::contains);
            assertThat(whole).startsWith(text.toString());
        }
    }
}
