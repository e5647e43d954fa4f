package org.quantado.models.calibrate;

import java.io.IOException;
import java.util.ArrayList;

/**
 * Writes the states of the samples of a block before the first layer, and gives the name of the file.
 *
 * @param ids of each of its samples
 */
record EmbedTask(int block, ArrayList<int[]> ids) implements SiteTask<String> {
    @Override
    public String workAlone(CalibrationSite site) throws IOException {
        String name = CalibrationSite.newName(".f32");
        try (BlockStates states = BlockStates.create(site.made().resolve(name), site.blocks(), block)) {
            for (int i = 0; i < ids.size(); i++) {
                site.layers().embed(ids.get(i), states.of(site.blocks().first(block) + i));
            }
            states.force();
        }
        return name;
    }
}
