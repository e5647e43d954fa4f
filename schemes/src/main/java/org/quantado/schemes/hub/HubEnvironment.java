package org.quantado.schemes.hub;

import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

import org.quantado.schemes.hub.HubException.Reason;

/** What the environment says about the hub, in the variables and by the rules of huggingface_hub ({@code constants.py}). */
public final class HubEnvironment {
    private static final String HOME = "HF_HOME";
    private static final String CACHE = "HF_HUB_CACHE";
    private static final String OLD_CACHE = "HUGGINGFACE_HUB_CACHE";
    private static final String ENDPOINT = "HF_ENDPOINT";
    private static final String TOKEN = "HF_TOKEN";
    private static final String OLD_TOKEN = "HUGGING_FACE_HUB_TOKEN";
    private static final String TOKEN_PATH = "HF_TOKEN_PATH";
    private static final String NO_TOKEN_UNASKED = "HF_HUB_DISABLE_IMPLICIT_TOKEN";
    private static final String OFFLINE = "HF_HUB_OFFLINE";
    private static final String TRANSFORMERS_OFFLINE = "TRANSFORMERS_OFFLINE";

    private static final String USUAL_ENDPOINT = "https://huggingface.co";
    private static final Set<String> TRUE = Set.of("1", "ON", "YES", "TRUE");
    private static final Set<String> SCHEMES = Set.of("http", "https");
    private static final Pattern VARIABLE = Pattern.compile("\\$(?:(\\w+)|\\{([^}]*)\\})");

    private final Map<String, String> variables;
    private final Path userHome;

    private HubEnvironment(Map<String, String> variables, Path userHome) {
        this.variables = Map.copyOf(variables);
        this.userHome = userHome;
    }

    /** That of this process. */
    public static HubEnvironment system() {
        return of(System.getenv(), Path.of(System.getProperty("user.home")));
    }

    /**
     * That of some variables.
     *
     * @param userHome the user's folder, where no {@code HOME} says otherwise
     */
    public static HubEnvironment of(Map<String, String> variables, Path userHome) {
        return new HubEnvironment(variables, userHome);
    }

    /** The folder of the cache. */
    public Path cache() {
        return path(variables.getOrDefault(CACHE,
                variables.getOrDefault(OLD_CACHE, home().resolve("hub").toString())));
    }

    private Path home() {
        String caches = variables.getOrDefault("XDG_CACHE_HOME", folderOfUser().resolve(".cache").toString());
        return path(variables.getOrDefault(HOME, Path.of(caches, "huggingface").toString()));
    }

    private Path folderOfUser() {
        return Optional.ofNullable(variables.get("HOME")).map(Path::of).orElse(userHome);
    }

    /** A path in which {@code ~} stands for the user's folder, and {@code $NAME} for what a variable says. */
    private Path path(String text) {
        boolean atHome = text.equals("~") || text.startsWith("~/");
        String expanded = VARIABLE.matcher(atHome ? folderOfUser() + text.substring(1) : text)
                .replaceAll(match -> Matcher.quoteReplacement(variables.getOrDefault(
                        match.group(1) == null ? match.group(2) : match.group(1), match.group())));
        return Path.of(expanded);
    }

    /**
     * Where the hub is, without a slash at its end.
     *
     * @throws HubException if that is no address
     */
    public URI endpoint() {
        String text = variables.getOrDefault(ENDPOINT, USUAL_ENDPOINT).replaceAll("/+$", "");
        try {
            URI uri = URI.create(text);
            if (uri.getHost() != null && SCHEMES.contains(uri.getScheme()) && uri.getUserInfo() == null
                    && uri.getQuery() == null && uri.getFragment() == null) {
                return uri;
            }
        } catch (IllegalArgumentException e) {
            // told below, without the text: there may be a password in it
        }
        throw new HubException(Reason.USAGE, ENDPOINT + ": found no address of a hub, expected one such as "
                + USUAL_ENDPOINT);
    }

    /** Whether the network must not be used. */
    public boolean isOffline() {
        return isTrue(Stream.of(OFFLINE, TRANSFORMERS_OFFLINE).map(name -> variables.getOrDefault(name, ""))
                .filter(value -> !value.isEmpty()).findFirst().orElse(""));
    }

    /**
     * What the user is known by: that of a variable, else that of the file that {@code hf auth login} writes.
     *
     * @throws HubException if it is no token, or the file cannot be read
     */
    public Optional<HubToken> token() {
        return isTrue(variables.getOrDefault(NO_TOKEN_UNASKED, ""))
                ? Optional.empty()
                : Stream.of(TOKEN, OLD_TOKEN).filter(name -> !variables.getOrDefault(name, "").isEmpty()).findFirst()
                        .flatMap(name -> HubToken.of(variables.get(name), name)).or(this::tokenOfFile);
    }

    private Optional<HubToken> tokenOfFile() {
        Path file = path(variables.getOrDefault(TOKEN_PATH, home().resolve("token").toString()));
        try {
            return HubToken.of(new String(Files.readAllBytes(file), StandardCharsets.ISO_8859_1), file.toString());
        } catch (NoSuchFileException e) {
            return Optional.empty();
        } catch (IOException e) {
            throw new HubException(Reason.USAGE, file + ": found a file that cannot be read, expected a token of"
                    + " Hugging Face", e);
        }
    }

    private static boolean isTrue(String value) {
        return TRUE.contains(value.toUpperCase(Locale.ROOT));
    }
}
