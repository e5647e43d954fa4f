package org.quantado.schemes.hub;

import java.nio.file.Path;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.StreamSupport;

import org.quantado.schemes.hub.HubException.Reason;

/**
 * A model as Hugging Face calls it, written {@code org/name} or {@code org/name@revision}.
 *
 * @param name with its organization; a few old models have none
 * @param revision a branch, a tag or a commit
 */
public record ModelId(String name, String revision) {
    /** The branch that is meant where none is named. */
    public static final String MAIN = "main";

    /** The rules of huggingface_hub ({@code validate_repo_id}), in ASCII. */
    private static final Pattern NAME = Pattern.compile("(\\w([\\w.-]*\\w)?/)?\\w([\\w.-]{0,94}\\w)?");
    /** What git allows in names of branches and tags, as far as it can be a path on every system. */
    private static final Pattern REVISION = Pattern.compile("[\\w+=%,@-][\\w+=%,@.-]*(/[\\w+=%,@-][\\w+=%,@.-]*)*");
    private static final Pattern COMMIT = Pattern.compile("[0-9a-f]{40}");
    private static final String SEPARATOR = "--";
    private static final String FOLDER_PREFIX = "models" + SEPARATOR;

    public ModelId {
        if (!NAME.matcher(name).matches() || name.contains(SEPARATOR) || name.contains("..")
                || name.endsWith(".git")) {
            throw new HubException(Reason.USAGE, "found '" + name + "', expected the id of a model: org/name or"
                    + " org/name@revision, of letters, digits, '-', '_' and '.'");
        }
        if (!REVISION.matcher(revision).matches() || revision.contains("..") || revision.endsWith(".lock")) {
            throw new HubException(Reason.USAGE,
                    name + ": found revision '" + revision + "', expected a branch, a tag or a commit");
        }
    }

    /**
     * Reads an id.
     *
     * @throws HubException if it is none
     */
    public static ModelId of(String text) {
        int at = text.indexOf('@');
        return at < 0 ? new ModelId(text, MAIN) : new ModelId(text.substring(0, at), text.substring(at + 1));
    }

    /** The id that a path may be meant as: one of one or two names that is relative. */
    public static Optional<ModelId> of(Path path) {
        if (path.isAbsolute()) {
            return Optional.empty();
        }
        String text = StreamSupport.stream(path.spliterator(), false).map(Path::toString)
                .collect(Collectors.joining("/"));
        try {
            return Optional.of(of(text));
        } catch (HubException e) {
            return Optional.empty();
        }
    }

    /** The same model in another revision. */
    public ModelId at(String other) {
        return new ModelId(name, other);
    }

    /** Whether it names an organization, as all models of today do. */
    public boolean hasOrganization() {
        return name.indexOf('/') > 0;
    }

    /** Whether the revision is a whole commit, which never becomes another one. */
    public boolean isCommit() {
        return COMMIT.matcher(revision).matches();
    }

    /** Its folder in a cache: {@code models--org--name}. */
    String folderName() {
        return FOLDER_PREFIX + name.replace("/", SEPARATOR);
    }

    /** Whether a folder of a cache is that of a model. */
    static boolean isFolderName(String name) {
        return name.startsWith(FOLDER_PREFIX);
    }

    /** The model of a folder of a cache. */
    static ModelId ofFolderName(String name) {
        return of(name.substring(FOLDER_PREFIX.length()).replace(SEPARATOR, "/"));
    }

    @Override
    public String toString() {
        return revision.equals(MAIN) ? name : name + "@" + revision;
    }
}
