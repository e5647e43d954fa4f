package org.quantado.models.decoder;

import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import org.quantado.models.family.DecoderSpec;

/** The tensors of checkpoints that are known to be of no use for text. */
record UnusedTensors(DecoderSpec spec) {
    /** What rope is computed from, which the config says; scales of a cache that is kept as something else. */
    private static final Pattern ANYWHERE = Pattern
            .compile(".*\\.(rotary_emb\\.inv_freq|self_attn\\.(k_scale|v_scale|q_scale))");
    /** Parts of multimodal models that are not text. */
    private static final List<String> OTHER_PARTS = List.of("vision_tower.", "model.vision_tower.", "visual.",
            "model.visual.", "vision_model.", "multi_modal_projector.", "model.multi_modal_projector.", "audio_tower.",
            "model.audio_tower.", "mtp.", "talker.", "code2wav.", "thinker.visual.", "thinker.audio_tower.");
    private static final Pattern LAYER = Pattern.compile("layers\\.(\\d{1,6})\\..*");

    boolean contains(String name) {
        return ANYWHERE.matcher(name).matches() || OTHER_PARTS.stream().anyMatch(name::startsWith)
                || isOfPredictionLayer(name);
    }

    /** Layers after the last predict tokens further on. */
    private boolean isOfPredictionLayer(String name) {
        if (!name.startsWith(spec.prefix()) || spec.predictionLayers() == 0) {
            return false;
        }
        Matcher layer = LAYER.matcher(name.substring(spec.prefix().length()));
        if (!layer.matches()) {
            return false;
        }
        int number = Integer.parseInt(layer.group(1));
        return number >= spec.layers().size() && number < spec.layers().size() + spec.predictionLayers();
    }
}
