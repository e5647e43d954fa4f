package org.quantado.schemes.quantize;

import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Optional;
import org.quantado.schemes.checkpoint.Checkpoint;
import org.quantado.schemes.cluster.Place;
import org.quantado.schemes.cluster.SharedFiles;
import org.quantado.schemes.config.QuantizationConfig;

/**
 * Makes a {@link PlannedInput} on any machine that sees the same files. The plan is made again from the config that the
 * checkpoint will have.
 *
 * @param in folder of the checkpoint
 * @param config the {@code quantization_config} to be written, as JSON
 * @param attentions modules whose keys and values are to be cached as FP8
 * @param observer how ranges are chosen
 * @param recorded file of recorded inputs; null if there is none
 * @param parts folder for layers
 * @param shards folder for files of the checkpoint
 * @param calibration folder where a calibrator works
 * @param files all that has to be seen
 */
record PlannedInputPlace(String in, String config, ArrayList<String> attentions, Observer observer, String recorded,
        String parts, String shards, String calibration, SharedFiles files) implements Place<PlannedInput> {
    @Override
    public PlannedInput open() throws IOException {
        files.requireSeen();
        Checkpoint checkpoint = Checkpoint.open(Path.of(in));
        try {
            QuantizationConfig read = QuantizationConfig.read(Path.of(in),
                    (ObjectNode) new JsonMapper().readTree(config));
            return new PlannedInput(checkpoint, QuantizationPlan.of(checkpoint, read, attentions), observer,
                    Optional.ofNullable(recorded).map(Path::of),
                    new PlannedInput.Folders(Path.of(parts), Path.of(shards), Path.of(calibration)));
        } catch (IOException | RuntimeException e) {
            checkpoint.close();
            throw e;
        }
    }
}
