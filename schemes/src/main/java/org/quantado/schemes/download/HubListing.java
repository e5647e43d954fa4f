package org.quantado.schemes.download;

import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;

import org.quantado.schemes.checkpoint.CheckpointException;
import org.quantado.schemes.hub.ModelId;

/**
 * What a model consists of at the hub.
 *
 * @param commit that the revision is
 * @param files of it, in the order of their paths
 */
record HubListing(String commit, List<HubFile> files) {
    private static final ObjectMapper MAPPER = new ObjectMapper();
    /** Far above any real page. */
    private static final int LONGEST_PAGE = 64_000_000;
    private static final int MOST_FILES = 100_000;
    private static final Pattern COMMIT = Pattern.compile("[0-9a-f]{40}");
    /** The page after this one, as in GitHub's API. */
    private static final Pattern NEXT = Pattern.compile("<([^>]*)>\\s*;\\s*rel=\"?next\"?");

    private record Page(JsonNode json, Optional<String> next) {
    }

    /**
     * Asks the hub.
     *
     * @throws org.quantado.schemes.hub.HubException if it does not tell, or tells what cannot be
     */
    static HubListing read(HubClient client, ModelId id) {
        URI info = client.address("/api/models/" + id.name() + "/revision/" + encoded(id.revision()));
        String commit = page(client, info).json.path("sha").asText();
        if (!COMMIT.matcher(commit).matches()) {
            throw client.notTrusted("no commit (sha) in its answer");
        }
        SortedMap<String, HubFile> files = new TreeMap<>();
        Optional<URI> next = Optional
                .of(client.address("/api/models/" + id.name() + "/tree/" + commit + "?recursive=true&expand=false"));
        while (next.isPresent()) {
            Page page = page(client, next.get());
            int before = files.size();
            page.json.forEach(entry -> add(client, files, entry));
            if (files.size() > MOST_FILES || (page.next.isPresent() && page.json.isEmpty())) {
                throw client.notTrusted("a listing without end after " + before + " files");
            }
            next = page.next.map(link -> onHub(client, link));
        }
        requireNoFileInFile(client, files);
        return new HubListing(commit, List.copyOf(files.values()));
    }

    private static Page page(HubClient client, URI address) {
        return client.get(address, 0, headers -> {
        }, answer -> read(client, answer));
    }

    private static Page read(HubClient client, HttpResponse<InputStream> answer) throws BrokenConnection {
        byte[] text;
        try (InputStream in = client.bytes(answer)) {
            text = in.readNBytes(LONGEST_PAGE + 1);
        } catch (IOException e) {
            throw new BrokenConnection(Origin.of(answer.uri()), e);
        }
        if (text.length > LONGEST_PAGE) {
            throw client.notTrusted("an answer of more than " + LONGEST_PAGE + " bytes");
        }
        try {
            return new Page(MAPPER.readTree(text), answer.headers().allValues("Link").stream().map(NEXT::matcher)
                    .filter(Matcher::find).map(match -> match.group(1)).findFirst());
        } catch (IOException e) {
            throw client.notTrusted("an answer that is not JSON");
        }
    }

    private static URI onHub(HubClient client, String link) {
        try {
            URI next = client.address("/").resolve(link);
            if (client.isHub(next)) {
                return next;
            }
        } catch (IllegalArgumentException e) {
            // told below
        }
        throw client.notTrusted("a listing that goes on elsewhere");
    }

    private static void add(HubClient client, SortedMap<String, HubFile> files, JsonNode entry) {
        if (!entry.path("type").asText().equals("file")) {
            return;
        }
        String path = entry.path("path").asText();
        JsonNode lfs = entry.path("lfs");
        JsonNode counted = lfs.isObject() ? lfs : entry;
        JsonNode size = counted.path("size");
        if (!size.canConvertToLong() || !size.isIntegralNumber()) {
            throw HubFile.refused(path, "size " + CheckpointException.shorten(size.toString()), "a number of bytes");
        }
        HubFile file = new HubFile(path, size.asLong(), lfs.isObject() ? Checksum.LFS : Checksum.GIT,
                counted.path("oid").asText());
        if (files.put(path, file) != null) {
            throw client.notTrusted("two files of the name " + CheckpointException.quote(path));
        }
    }

    private static void requireNoFileInFile(HubClient client, SortedMap<String, HubFile> files) {
        for (String path : files.keySet()) {
            for (int slash = path.indexOf('/'); slash > 0; slash = path.indexOf('/', slash + 1)) {
                if (files.containsKey(path.substring(0, slash))) {
                    throw client.notTrusted("a file in a file: " + CheckpointException.quote(path));
                }
            }
        }
    }

    /** The address of a file's bytes. */
    URI address(HubClient client, ModelId id, HubFile file) {
        return client.address("/" + id.name() + "/resolve/" + commit + "/" + Arrays.stream(file.path().split("/", -1))
                .map(HubListing::encoded).collect(Collectors.joining("/")));
    }

    private static String encoded(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8).replace("+", "%20");
    }
}
