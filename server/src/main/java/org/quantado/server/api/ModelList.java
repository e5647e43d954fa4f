package org.quantado.server.api;

import java.time.Instant;

import org.quantado.server.model.ServedModel;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;

/** The models that are served: one. */
public final class ModelList {
    private final ServedModel model;
    private final long since = Instant.now().getEpochSecond();

    public ModelList(ServedModel model) {
        this.model = model;
    }

    /** All of them. */
    public ObjectNode all() {
        ObjectNode json = JsonNodeFactory.instance.objectNode().put("object", "list");
        json.putArray("data").add(one(model.id()));
        return json;
    }

    /** @throws ApiException if it is not served */
    public ObjectNode one(String id) {
        if (!id.equals(model.id())) {
            throw ApiException.noModel("another", model.id());
        }
        return JsonNodeFactory.instance.objectNode().put("id", id).put("object", "model").put("created", since)
                .put("owned_by", "quantado").put("max_model_len", model.context());
    }
}
