package org.quantado.schemes.select;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * The names by which classes of models and releases of transformers call one and the same module. A config may use any
 * of them, whatever the file uses.
 *
 * <p>Source: vLLM, {@code hf_to_vllm_mapper} of its models, which it applies to ignore lists and targets too, and the names
 * of experts that it compares with targets; transformers, {@code _checkpoint_conversion_mapping}.
 */
final class Spellings {
    /** Where the language model of a model for several kinds of input lies, and of one for text alone. */
    private static final List<String> LANGUAGE_MODEL = List.of("model.", "model.language_model.",
            "language_model.model.", "thinker.model.");
    private static final List<String> TEXT_MODEL = List.of("model.text_model.", "text_model.model.");
    private static final List<String> HEAD = List.of("lm_head", "language_model.lm_head", "text_model.lm_head",
            "thinker.lm_head");
    /** Beginnings of what lies beside the language model. */
    private static final List<String> BESIDE = List.of("", "model.", "thinker.");
    private static final Set<String> TOWERS = Set.of("visual", "vision_tower", "vision_model", "image_tower",
            "video_tower", "audio_tower", "multi_modal_projector", "vision_embed_tokens");
    private static final Pattern TOWER = Pattern.compile("(?:model\\.|thinker\\.)?(([a-z_]+)(?:\\..+)?)");
    private static final List<String> BLOCKS = List.of(".mlp.", ".block_sparse_moe.");
    private static final Pattern EXPERT = Pattern.compile("(.*\\.experts\\.\\d+\\.)([^.]+)");
    private static final Map<String, String> MATRICES = Map.of("w1", "gate_proj", "w3", "up_proj", "w2", "down_proj",
            "gate_proj", "w1", "up_proj", "w3", "down_proj", "w2");

    private Spellings() {
    }

    /** All names of a module but the one that is given. */
    static List<String> others(String name) {
        Set<String> names = new TreeSet<>();
        beginnings(name).flatMap(Spellings::blocks).flatMap(Spellings::matrices).forEach(names::add);
        names.remove(name);
        return List.copyOf(names);
    }

    private static Stream<String> beginnings(String name) {
        Matcher tower = TOWER.matcher(name);
        if (tower.matches() && TOWERS.contains(tower.group(2))) {
            return BESIDE.stream().map(beginning -> beginning + tower.group(1));
        }
        if (HEAD.contains(name)) {
            return HEAD.stream();
        }
        return Stream.of(TEXT_MODEL, LANGUAGE_MODEL).flatMap(all -> replaced(name, all).stream()).findFirst()
                .orElse(Stream.of(name));
    }

    /** The name with each of several beginnings, if it has one of them; the longest counts. */
    private static Optional<Stream<String>> replaced(String name, List<String> beginnings) {
        return beginnings.stream().filter(name::startsWith)
                .max((a, b) -> Integer.compare(a.length(), b.length()))
                .map(found -> beginnings.stream().map(other -> other + name.substring(found.length())));
    }

    private static Stream<String> blocks(String name) {
        return BLOCKS.stream().filter(name::contains).findFirst()
                .map(found -> BLOCKS.stream().map(other -> name.replace(found, other))).orElse(Stream.of(name));
    }

    private static Stream<String> matrices(String name) {
        Matcher expert = EXPERT.matcher(name);
        boolean known = expert.matches() && MATRICES.containsKey(expert.group(2));
        return known ? Stream.of(name, expert.group(1) + MATRICES.get(expert.group(2))) : Stream.of(name);
    }
}
