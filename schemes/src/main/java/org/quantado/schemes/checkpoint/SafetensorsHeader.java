package org.quantado.schemes.checkpoint;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.databind.util.ByteBufferBackedInputStream;
import java.io.IOException;
import java.io.Reader;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The header of a safetensors file: its tensors in the order of the data, and its metadata.
 *
 * @param tensors by name, in the order of their bytes; they cover the data exactly once
 * @param metadata the header's own notes
 */
record SafetensorsHeader(Map<String, TensorInfo> tensors, Map<String, String> metadata) {
    /** The one name in a header that is not a tensor's. */
    static final String METADATA = "__metadata__";
    /** As many as numpy and PyTorch allow. */
    private static final int MOST_DIMENSIONS = 64;

    static final String DTYPE = "dtype";
    static final String SHAPE = "shape";
    static final String DATA_OFFSETS = "data_offsets";

    /**
     * Reads a header and checks it against the data that follows.
     *
     * @param dataSize size in bytes of that data
     */
    static SafetensorsHeader parse(Path file, MemorySegment header, long dataSize) {
        if (header.byteSize() == 0 || header.get(ValueLayout.JAVA_BYTE, 0) != '{') {
            throw new CheckpointException(file, "header",
                    header.byteSize() == 0 ? "nothing" : "a first byte of " + firstByte(header),
                    "a JSON object");
        }
        try (Reader in = Json.utf8(new ByteBufferBackedInputStream(header.asByteBuffer()));
                JsonParser parser = Json.HEADER.createParser(in)) {
            return new Parser(file, parser, dataSize).header();
        } catch (IOException e) {
            throw Json.malformed(file, "header", e);
        }
    }

    private static String firstByte(MemorySegment header) {
        return String.format("0x%02x", header.get(ValueLayout.JAVA_BYTE, 0));
    }

    /** One pass over the header's tokens. */
    private static final class Parser {
        private final Path file;
        private final JsonParser json;
        private final long dataSize;
        private Map<String, String> metadata = Map.of();

        Parser(Path file, JsonParser json, long dataSize) {
            this.file = file;
            this.json = json;
            this.dataSize = dataSize;
        }

        SafetensorsHeader header() throws IOException {
            List<TensorInfo> tensors = new ArrayList<>();
            expect("header", JsonToken.START_OBJECT, "a JSON object");
            while (json.nextToken() == JsonToken.FIELD_NAME) {
                String name = json.currentName();
                if (name.equals(METADATA)) {
                    metadata = metadata();
                } else {
                    tensors.add(tensor(name));
                }
            }
            if (json.nextToken() != null) {
                throw new CheckpointException(file, "header", "more JSON after its object",
                        "nothing but white space");
            }
            return new SafetensorsHeader(inOrderOfData(tensors), metadata);
        }

        private Map<String, String> metadata() throws IOException {
            if (json.nextToken() == JsonToken.VALUE_NULL) {
                return Map.of();
            }
            Map<String, String> entries = new LinkedHashMap<>();
            require(METADATA, JsonToken.START_OBJECT, "an object of strings");
            while (json.nextToken() == JsonToken.FIELD_NAME) {
                String key = json.currentName();
                expect(METADATA + " " + CheckpointException.quote(key), JsonToken.VALUE_STRING, "a string");
                entries.put(key, json.getText());
            }
            return Collections.unmodifiableMap(entries);
        }

        private TensorInfo tensor(String name) throws IOException {
            String where = "tensor " + CheckpointException.quote(name);
            DType dtype = null;
            Shape shape = null;
            long[] offsets = null;
            expect(where, JsonToken.START_OBJECT, "an object");
            while (json.nextToken() == JsonToken.FIELD_NAME) {
                switch (json.currentName()) {
                    case DTYPE -> dtype = dtype(where);
                    case SHAPE -> shape = Shape.of(naturals(where + " " + SHAPE));
                    case DATA_OFFSETS -> offsets = naturals(where + " " + DATA_OFFSETS);
                    default -> {
                        json.nextToken();
                        json.skipChildren();
                    }
                }
            }
            requirePresent(where, DTYPE, dtype);
            requirePresent(where, SHAPE, shape);
            requirePresent(where, DATA_OFFSETS, offsets);
            return placed(where, name, dtype, shape, offsets);
        }

        private void requirePresent(String where, String field, Object value) {
            if (value == null) {
                throw new CheckpointException(file, where, "no " + field, "dtype, shape and data_offsets");
            }
        }

        private DType dtype(String where) throws IOException {
            expect(where + " " + DTYPE, JsonToken.VALUE_STRING, "the name of a dtype");
            String text = json.getText();
            return DType.named(text)
                    .orElseThrow(() -> new CheckpointException(file, where + " " + DTYPE,
                            CheckpointException.quote(text), "one of " + Arrays.toString(DType.values())));
        }

        private long[] naturals(String where) throws IOException {
            expect(where, JsonToken.START_ARRAY, "an array of integers");
            long[] values = new long[MOST_DIMENSIONS];
            int count = 0;
            while (json.nextToken() != JsonToken.END_ARRAY) {
                require(where, JsonToken.VALUE_NUMBER_INT, "integers only");
                if (json.getNumberType() == JsonParser.NumberType.BIG_INTEGER || json.getLongValue() < 0) {
                    throw new CheckpointException(file, where, CheckpointException.shorten(json.getText()),
                            "an integer from 0 to " + Long.MAX_VALUE);
                }
                if (count == values.length) {
                    throw new CheckpointException(file, where, "more than " + count + " integers",
                            "at most so many");
                }
                values[count] = json.getLongValue();
                count++;
            }
            return Arrays.copyOf(values, count);
        }

        /** Checks offsets against type, shape and the data at hand. */
        private TensorInfo placed(String where, String name, DType dtype, Shape shape, long[] offsets) {
            String range = DATA_OFFSETS + " " + CheckpointException.shorten(Arrays.toString(offsets));
            if (offsets.length != 2 || offsets[0] > offsets[1]) {
                throw new CheckpointException(file, where, range, "a begin and an end not before it");
            }
            if (offsets[1] > dataSize) {
                throw new CheckpointException(file, where, range,
                        "an end within the " + dataSize + " bytes of data that the file holds");
            }
            long byteSize;
            try {
                byteSize = dtype.byteSize(shape.elements());
            } catch (ArithmeticException e) {
                throw new CheckpointException(file, where,
                        dtype + " " + CheckpointException.shorten(shape.toString()),
                        "a shape whose elements fill a whole, countable number of bytes").causedBy(e);
            }
            if (offsets[1] - offsets[0] != byteSize) {
                throw new CheckpointException(file, where,
                        range + ", which span " + (offsets[1] - offsets[0]) + " bytes",
                        byteSize + " bytes for "
                                + dtype + " " + CheckpointException.shorten(shape.toString()));
            }
            return new TensorInfo(name, dtype, shape, offsets[0], byteSize);
        }

        /** Sorts the tensors by their bytes, and checks that they neither overlap nor leave any out. */
        private Map<String, TensorInfo> inOrderOfData(List<TensorInfo> tensors) {
            tensors.sort(Comparator.comparingLong(TensorInfo::offset).thenComparingLong(TensorInfo::end));
            Map<String, TensorInfo> byName = LinkedHashMap.newLinkedHashMap(tensors.size());
            long end = 0;
            for (TensorInfo tensor : tensors) {
                if (tensor.offset() != end) {
                    throw new CheckpointException(file, "tensor " + CheckpointException.quote(tensor.name()),
                            "bytes that begin at " + tensor.offset(), "a begin at " + end
                                    + ", where the tensor before it ends (tensors may neither overlap nor leave a hole)");
                }
                end = tensor.end();
                byName.put(tensor.name(), tensor);
            }
            if (end != dataSize) {
                throw new CheckpointException(file, "data", dataSize + " bytes after the header",
                        end + ", where the last tensor ends");
            }
            return byName;
        }

        private void expect(String where, JsonToken token, String expected) throws IOException {
            json.nextToken();
            require(where, token, expected);
        }

        private void require(String where, JsonToken token, String expected) throws IOException {
            if (json.currentToken() != token) {
                throw new CheckpointException(file, where, Json.describe(json), expected);
            }
        }
    }
}
