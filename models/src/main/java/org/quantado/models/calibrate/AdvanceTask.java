package org.quantado.models.calibrate;

import java.io.IOException;
import java.util.Optional;
import java.util.Set;

/**
 * Runs the samples of a block through a layer that is finished, and gives the name of the file with the states after it.
 */
record AdvanceTask(int layer, int block) implements SiteTask<String> {
    @Override
    public String workAlone(CalibrationSite site) throws IOException {
        String name = CalibrationSite.newName(".f32");
        try (BlockStates after = BlockStates.create(site.made().resolve(name), site.blocks(), block)) {
            site.run(LayerVersion.finished(layer), Set.of(), block, Optional.of(after),
                    sample -> (point, values, count, width) -> {
                    });
            after.force();
        }
        return name;
    }
}
