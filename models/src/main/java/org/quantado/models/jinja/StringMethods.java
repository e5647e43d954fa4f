package org.quantado.models.jinja;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.function.IntPredicate;
import java.util.stream.Collectors;

/** Methods of Python's str. */
final class StringMethods {
    private static final Set<String> NOT_KNOWN = Set.of("casefold", "center", "encode", "expandtabs", "format",
            "format_map", "index", "isascii", "isdecimal", "isidentifier", "isnumeric", "isprintable", "istitle",
            "ljust", "maketrans", "rindex", "rjust", "rpartition", "rsplit", "swapcase", "translate", "zfill");

    private StringMethods() {
    }

    /** A method of this string; none where Python has none. */
    static Optional<Function> find(String text, String name) {
        if (NOT_KNOWN.contains(name)) {
            throw new TemplateException("the method " + name + " of a string is not known");
        }
        return Optional.ofNullable(switch (name) {
            case "strip" -> arguments -> strip(text, arguments.bind(name, 0, "chars"), 0, true, true);
            case "lstrip" -> arguments -> strip(text, arguments.bind(name, 0, "chars"), 0, true, false);
            case "rstrip" -> arguments -> strip(text, arguments.bind(name, 0, "chars"), 0, false, true);
            case "split" -> arguments -> split(text, arguments.bind(name, 0, "sep", "maxsplit"));
            case "splitlines" -> arguments -> {
                arguments.bind(name, 0);
                return new ArrayList<Object>(text.lines().toList());
            };
            case "partition" -> arguments -> partition(text, arguments.bind(name, 1, "sep").string(0));
            case "startswith" -> arguments -> affixes(arguments.bind(name, 1, "prefix")).stream()
                    .anyMatch(text::startsWith);
            case "endswith" -> arguments -> affixes(arguments.bind(name, 1, "suffix")).stream()
                    .anyMatch(text::endsWith);
            case "removeprefix" -> arguments -> {
                String prefix = arguments.bind(name, 1, "prefix").string(0);
                return text.startsWith(prefix) ? text.substring(prefix.length()) : text;
            };
            case "removesuffix" -> arguments -> {
                String suffix = arguments.bind(name, 1, "suffix").string(0);
                return text.endsWith(suffix) ? text.substring(0, text.length() - suffix.length()) : text;
            };
            case "replace" -> arguments -> {
                Arguments.Bound bound = arguments.bind(name, 2, "old", "new", "count");
                return replace(text, bound.string(0), bound.string(1), bound.has(2) ? bound.integer(2) : -1);
            };
            case "find" -> arguments -> position(text, text.indexOf(arguments.bind(name, 1, "sub").string(0)));
            case "rfind" -> arguments -> position(text, text.lastIndexOf(arguments.bind(name, 1, "sub").string(0)));
            case "count" -> arguments -> count(text, arguments.bind(name, 1, "sub").string(0));
            case "join" -> arguments -> join(text, arguments.bind(name, 1, "iterable").get(0));
            case "upper" -> plain(name, text.toUpperCase(Locale.ROOT));
            case "lower" -> plain(name, text.toLowerCase(Locale.ROOT));
            case "capitalize" -> plain(name, capitalize(text));
            case "title" -> plain(name, title(text));
            case "isdigit" -> plain(name, all(text, Character::isDigit));
            case "isalpha" -> plain(name, all(text, Character::isLetter));
            case "isalnum" -> plain(name, all(text, Character::isLetterOrDigit));
            case "isspace" -> plain(name, all(text, PythonText::isSpace));
            case "isupper" -> plain(name, isUpper(text));
            case "islower" -> plain(name, isLower(text));
            default -> null;
        });
    }

    private static Function plain(String name, Object value) {
        return arguments -> {
            arguments.bind(name, 0);
            return value;
        };
    }

    private static boolean all(String text, IntPredicate predicate) {
        return !text.isEmpty() && text.codePoints().allMatch(predicate);
    }

    static boolean isUpper(String text) {
        return text.codePoints().anyMatch(Character::isUpperCase)
                && text.codePoints().noneMatch(c -> Character.isLowerCase(c) || Character.isTitleCase(c));
    }

    static boolean isLower(String text) {
        return text.codePoints().anyMatch(Character::isLowerCase)
                && text.codePoints().noneMatch(c -> Character.isUpperCase(c) || Character.isTitleCase(c));
    }

    /** Without these characters, or white space, at one end or both. */
    static String strip(String text, Arguments.Bound bound, int index, boolean atBegin, boolean atEnd) {
        int[] characters = text.codePoints().toArray();
        IntPredicate stripped = bound.orElse(index, null) == null
                ? PythonText::isSpace
                : c -> bound.string(index).indexOf(c) >= 0;
        int begin = 0;
        int end = characters.length;
        while (atBegin && begin < end && stripped.test(characters[begin])) {
            begin++;
        }
        while (atEnd && end > begin && stripped.test(characters[end - 1])) {
            end--;
        }
        return new String(characters, begin, end - begin);
    }

    private static List<Object> split(String text, Arguments.Bound bound) {
        int most = bound.has(1) ? bound.integer(1) : -1;
        List<Object> parts = new ArrayList<>();
        if (bound.orElse(0, null) == null) {
            if (most >= 0) {
                throw new TemplateException("split() at white space with maxsplit is not known");
            }
            Arrays.stream(text.codePoints().mapToObj(c -> PythonText.isSpace(c) ? " " : Character.toString(c))
                    .collect(Collectors.joining()).split(" ")).filter(part -> !part.isEmpty()).forEach(parts::add);
            return parts;
        }
        String separator = bound.string(0);
        if (separator.isEmpty()) {
            throw new TemplateException("split() was given an empty separator");
        }
        int start = 0;
        int next = text.indexOf(separator);
        while (next >= 0 && (most < 0 || parts.size() < most)) {
            parts.add(text.substring(start, next));
            start = next + separator.length();
            next = text.indexOf(separator, start);
        }
        parts.add(text.substring(start));
        return parts;
    }

    private static Tuple partition(String text, String separator) {
        int at = text.indexOf(separator);
        return at < 0
                ? Tuple.of(text, "", "")
                : Tuple.of(text.substring(0, at), separator, text.substring(at + separator.length()));
    }

    private static List<String> affixes(Arguments.Bound bound) {
        return bound.get(0) instanceof Tuple tuple
                ? tuple.stream().map(PythonText::str).toList()
                : List.of(bound.string(0));
    }

    /** At most so many times; below 0 everywhere. */
    static String replace(String text, String old, String replacement, int most) {
        if (most < 0) {
            return text.replace(old, replacement);
        }
        if (old.isEmpty()) {
            throw new TemplateException("replace() of the empty string with a count is not known");
        }
        StringBuilder replaced = new StringBuilder();
        int start = 0;
        int next = text.indexOf(old);
        for (int i = 0; i < most && next >= 0; i++) {
            replaced.append(text, start, next).append(replacement);
            start = next + old.length();
            next = text.indexOf(old, start);
        }
        return replaced.append(text, start, text.length()).toString();
    }

    private static Long position(String text, int index) {
        return index < 0 ? -1L : (long) text.codePointCount(0, index);
    }

    private static Long count(String text, String part) {
        return part.isEmpty()
                ? PythonText.length(text) + 1L
                : (long) (text.length() - text.replace(part, "").length()) / part.length();
    }

    private static String join(String separator, Object elements) {
        return Values.elements(elements).stream().map(element -> {
            if (element instanceof String text) {
                return text;
            }
            throw new TemplateException("join() was given " + PythonText.repr(element) + " and expects strings");
        }).collect(Collectors.joining(separator));
    }

    static String capitalize(String text) {
        if (text.isEmpty()) {
            return text;
        }
        int first = text.offsetByCodePoints(0, 1);
        return text.substring(0, first).toUpperCase(Locale.ROOT) + text.substring(first).toLowerCase(Locale.ROOT);
    }

    private static String title(String text) {
        StringBuilder title = new StringBuilder();
        boolean inWord = false;
        for (String character : PythonText.characters(text)) {
            title.append(inWord ? character.toLowerCase(Locale.ROOT) : character.toUpperCase(Locale.ROOT));
            inWord = Character.isLetter(character.codePointAt(0));
        }
        return title.toString();
    }
}
