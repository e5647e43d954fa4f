package org.quantado.models.decoder;

import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;

import org.quantado.kernels.attention.KvFormat;
import org.quantado.kernels.matmul.FlavourChoice;
import org.quantado.models.family.DecoderSpec;
import org.quantado.moe.model.MoeLayer;
import org.quantado.schemes.checkpoint.CheckpointException;
import org.quantado.schemes.checkpoint.Tensor;
import org.quantado.schemes.model.Model;

/**
 * The layers of a decoder, to be brought to the device one at a time, so that a model of any size can be run on a machine
 * that holds a layer.
 */
public final class DecoderLayers {
    private final Model model;
    private final DecoderSpec spec;

    private DecoderLayers(Model model, DecoderSpec spec) {
        this.model = model;
        this.spec = spec;
    }

    /**
     * Finds the layers of a model that stays open while they are run.
     *
     * @throws CheckpointException if the model is not described, or a tensor is missing, wrong, or of no use
     */
    public static DecoderLayers of(Model model) {
        return new DecoderLayers(model, DecoderOutline.of(model, Loading.AS_IS).spec());
    }

    /** The same layers with other tensors, which have not been checked yet. */
    public DecoderLayers with(Model other) {
        return new DecoderLayers(other, spec);
    }

    /** What the decoder is. */
    public DecoderSpec spec() {
        return spec;
    }

    /** How many layers there are. */
    public int count() {
        return spec.layers().size();
    }

    /** Name of a layer's attention module. */
    public String attention(int number) {
        return LayerModules.attentionModule(spec.layers().get(number));
    }

    /** What can be read of a layer while it runs. */
    public List<TapPoint> taps(int number) {
        return modules(number, reader()).taps();
    }

    private ModuleReader reader() {
        return new ModuleReader(model, Loading.AS_IS);
    }

    private LayerModules modules(int number, ModuleReader reader) {
        Map<String, MoeLayer> blocks = spec.layers().get(number).mlp().isPresent()
                ? Map.of()
                : DecoderOutline.blocks(model, spec);
        return new LayerModules(spec.layers().get(number), spec, reader, blocks);
    }

    /**
     * Writes the states before the first layer.
     *
     * @param ids of a sequence
     * @param to {@code [ids, H]}, floats
     */
    public void embed(int[] ids, MemorySegment to) {
        Tensor table = model.checkpoint().tensor(spec.embedding() + ".weight");
        float[] row = new float[spec.hidden()];
        for (int i = 0; i < ids.length; i++) {
            table.read((long) ids[i] * spec.hidden(), row);
            for (int h = 0; h < row.length; h++) {
                row[h] *= spec.embeddingFactor();
            }
            MemorySegment.copy(MemorySegment.ofArray(row), 0, to, (long) i * row.length * Float.BYTES,
                    (long) row.length * Float.BYTES);
        }
    }

    /**
     * Brings a layer to the device, in the place of one that is run with other weights.
     *
     * @return false if the kernels have these weights in another layout, so that it has to be opened
     */
    public boolean replace(LayerRun run, int number) {
        return run.replace(modules(number, reader()));
    }

    /**
     * Brings a layer to the device.
     *
     * @param number of the layer, from 0
     * @param positions of the longest sequence
     * @param wanted what of it is to be read
     * @throws CheckpointException if a tensor of it is missing or wrong
     */
    public LayerRun open(int number, int positions, Predicate<TapPoint> wanted) {
        ModuleReader reader = reader();
        LayerModules modules = modules(number, reader);
        Optional<KvFormat> format = DecoderOutline.cacheFormat(model);
        float[] scales = format.isPresent() ? DecoderOutline.cacheScales(modules, reader) : new float[]{1, 1};
        return new LayerRun(spec, modules, new StackBuilder(spec, positions, FlavourChoice.forDevice()), positions,
                format.orElse(KvFormat.F32), scales, wanted);
    }
}
