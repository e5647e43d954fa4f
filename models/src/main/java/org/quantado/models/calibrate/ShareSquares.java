package org.quantado.models.calibrate;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

import org.quantado.kernels.hessian.Hessian;
import org.quantado.kernels.hessian.HessianSum;
import org.quantado.kernels.hessian.SquareSums;
import org.quantado.models.decoder.TapPoint;
import org.quantado.schemes.checkpoint.DType;
import org.quantado.schemes.checkpoint.SafetensorsFile;
import org.quantado.schemes.checkpoint.SafetensorsLayout;
import org.quantado.schemes.checkpoint.SafetensorsWriter;
import org.quantado.schemes.checkpoint.Shape;

import uk.ac.manchester.tornado.api.types.arrays.FloatArray;

/**
 * Sums of squares of inputs, for the Hessians of a decoder layer: added up on the device for each block, and on the host
 * over the blocks of a share, which go to a file. Not thread-safe.
 */
final class ShareSquares implements AutoCloseable {
    private static final String ROWS = "rows.";
    private static final String SQUARES = "squares.";

    private final Map<TapPoint, HessianSum> device;
    private final Map<TapPoint, PairwiseSum<Summand>> sums = new LinkedHashMap<>();
    private final Set<Arena> arenas = new HashSet<>();

    /** Sums in memory of their own. */
    private final class Summand {
        private final SquareSums squares;
        private final Arena arena;

        Summand(SquareSums squares, Arena arena) {
            this.squares = squares;
            this.arena = arena;
        }

        /** The later one's memory goes. */
        Summand plus(Summand later) {
            Summand sum = new Summand(squares.add(later.squares), arena);
            arenas.remove(later.arena);
            later.arena.close();
            return sum;
        }
    }

    /** @param device where blocks are added up, for each place; those that are missing are made, and stay there */
    ShareSquares(Map<TapPoint, HessianSum> device) {
        this.device = device;
        device.values().forEach(HessianSum::clear);
    }

    private Arena arena() {
        Arena arena = Arena.ofShared();
        arenas.add(arena);
        return arena;
    }

    /** Adds inputs of a block. */
    void add(TapPoint point, FloatArray values, int count, int width) {
        device.computeIfAbsent(point, _ -> new HessianSum(width)).add(values, count);
    }

    /** The block is complete. */
    void endBlock() {
        device.forEach((point, sum) -> {
            if (sum.rows() > 0) {
                Arena arena = arena();
                sums.computeIfAbsent(point, _ -> new PairwiseSum<>(Summand::plus))
                        .add(new Summand(sum.sums(arena), arena), 1);
                sum.clear();
            }
        });
    }

    /**
     * Writes the sums of the share, all blocks of which are complete.
     *
     * @param taps by whose numbers the sums are found again
     * @return name of the file; empty if there are no sums
     */
    String write(Path folder, List<TapPoint> taps) throws IOException {
        if (sums.isEmpty()) {
            return "";
        }
        Map<Integer, SquareSums> totals = new LinkedHashMap<>();
        SafetensorsLayout layout = new SafetensorsLayout();
        sums.forEach((point, sum) -> {
            int tap = taps.indexOf(point);
            SquareSums squares = sum.total().squares;
            totals.put(tap, squares);
            layout.metadata(ROWS + tap, String.valueOf(squares.rows()));
            layout.metadata(SQUARES + tap, String.valueOf(squares.columns()));
            layout.tensor(SQUARES + tap, DType.F32, Shape.of(SquareSums.size(squares.columns())));
        });
        String name = CalibrationSite.newName(".safetensors");
        try (SafetensorsWriter writer = SafetensorsWriter.create(folder.resolve(name), layout)) {
            for (Map.Entry<Integer, SquareSums> total : totals.entrySet()) {
                writer.write(SQUARES + total.getKey(), total.getValue().values());
            }
            writer.commit();
        }
        return name;
    }

    /**
     * The Hessian of all shares.
     *
     * @param files of all shares
     * @param shares in order
     * @param tap number of the place whose inputs these are
     * @param samples that went through
     */
    static Hessian hessian(List<Path> files, List<SampleBlocks.Share> shares, int tap, int samples) {
        try (ShareSquares squares = new ShareSquares(Map.of())) {
            PairwiseSum<Summand> sum = new PairwiseSum<>(Summand::plus);
            for (int share = 0; share < files.size(); share++) {
                sum.add(squares.read(files.get(share), tap), shares.get(share).width());
            }
            return sum.total().squares.hessian(samples);
        }
    }

    private Summand read(Path path, int tap) {
        try (SafetensorsFile file = SafetensorsFile.open(path)) {
            SquareSums read = new SquareSums(Integer.parseInt(file.metadata().get(SQUARES + tap)),
                    Long.parseLong(file.metadata().get(ROWS + tap)), file.tensor(SQUARES + tap).data());
            Arena arena = arena();
            return new Summand(read.copy(arena), arena);
        }
    }

    @Override
    public void close() {
        arenas.forEach(Arena::close);
    }
}
