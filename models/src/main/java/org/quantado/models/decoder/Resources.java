package org.quantado.models.decoder;

import java.util.ArrayList;
import java.util.List;

import org.quantado.kernels.matmul.Matmul;
import org.quantado.kernels.norm.Norm;

import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/** What layers need on the device besides their cache. */
final class Resources {
    private final List<Matmul> matmuls = new ArrayList<>();
    private final List<FloatArray> floats = new ArrayList<>();
    private final List<IntArray> ints = new ArrayList<>();

    Resources matmul(Matmul matmul) {
        matmuls.add(matmul);
        return this;
    }

    Resources norm(Norm norm) {
        return floats(norm.weight());
    }

    Resources floats(FloatArray array) {
        floats.add(array);
        return this;
    }

    Resources ints(IntArray array) {
        ints.add(array);
        return this;
    }

    void addTo(DeviceState state) {
        matmuls.forEach(state::add);
        floats.forEach(state::add);
        ints.forEach(state::add);
    }
}
