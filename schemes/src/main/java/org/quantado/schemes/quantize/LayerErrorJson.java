package org.quantado.schemes.quantize;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/** {@link LayerError} as JSON, spelled as in the command's other reports. A ratio that is infinite is null. */
public final class LayerErrorJson {
    private LayerErrorJson() {
    }

    /** An object with a field for each component. */
    public static ObjectNode write(LayerError error) {
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        json.put("name", error.layer());
        json.put("group", error.group());
        json.put("rows", error.rows());
        json.put("columns", error.columns());
        json.put("rms", error.rms());
        json.set("sqnr", ratio(error.sqnr()));
        json.put("relativeError", error.relativeError());
        json.put("maxError", error.maxError());
        json.put("relativeMaxError", error.relativeMaxError());
        error.outputs().ifPresent(outputs -> {
            ObjectNode object = json.putObject("outputs");
            object.put("error", outputs.error());
            object.put("errorOfNearest", outputs.nearest());
            object.set("sqnrOfNearest", ratio(outputs.nearestSqnr()));
        });
        ArrayNode channels = json.putArray("worstChannels");
        for (LayerError.Channel channel : error.worstChannels()) {
            ObjectNode object = channels.addObject();
            object.put("row", channel.row());
            object.set("sqnr", ratio(channel.sqnr()));
            object.put("maxError", channel.maxError());
        }
        ArrayNode bins = json.putArray("histogram");
        error.histogram().forEach((from, count) -> bins.addObject().put("from", from).put("count", count));
        return json;
    }

    /** The inverse of {@link #write}. */
    static LayerError read(JsonNode json) {
        List<LayerError.Channel> channels = new ArrayList<>();
        for (JsonNode channel : json.path("worstChannels")) {
            channels.add(new LayerError.Channel(channel.path("row").intValue(), ratio(channel.path("sqnr")),
                    channel.path("maxError").floatValue()));
        }
        SortedMap<Float, Long> bins = new TreeMap<>();
        for (JsonNode bin : json.path("histogram")) {
            bins.put(bin.path("from").floatValue(), bin.path("count").longValue());
        }
        return new LayerError(json.path("name").textValue(), json.path("group").textValue(),
                json.path("rows").intValue(), json.path("columns").intValue(), json.path("rms").doubleValue(),
                ratio(json.path("sqnr")),
                json.path("maxError").floatValue(), channels, bins,
                Optional.of(json.path("outputs")).filter(JsonNode::isObject)
                        .map(outputs -> new LayerError.Outputs(outputs.path("error").doubleValue(),
                                outputs.path("errorOfNearest").doubleValue(), ratio(outputs.path("sqnrOfNearest")))));
    }

    private static JsonNode ratio(double sqnr) {
        return Double.isInfinite(sqnr)
                ? JsonNodeFactory.instance.nullNode()
                : JsonNodeFactory.instance.numberNode(sqnr);
    }

    private static double ratio(JsonNode json) {
        return json.isNull() ? Double.POSITIVE_INFINITY : json.doubleValue();
    }
}
