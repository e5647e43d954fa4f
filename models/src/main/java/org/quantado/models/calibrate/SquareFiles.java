package org.quantado.models.calibrate;

import java.io.Serializable;
import java.nio.file.Path;
import java.util.List;

import org.quantado.kernels.hessian.Hessian;

/**
 * Files with sums of squares of a layer's inputs.
 *
 * @param names of the files, one for each share
 * @param shares in order
 */
record SquareFiles(List<String> names, List<SampleBlocks.Share> shares) implements Serializable {
    SquareFiles {
        names = List.copyOf(names);
        shares = List.copyOf(shares);
    }

    /**
     * The Hessian of inputs.
     *
     * @param folder of the files
     * @param tap number of the place whose inputs these are
     * @param samples that went through
     */
    Hessian hessian(Path folder, int tap, int samples) {
        return ShareSquares.hessian(names.stream().map(folder::resolve).toList(), shares, tap, samples);
    }
}
