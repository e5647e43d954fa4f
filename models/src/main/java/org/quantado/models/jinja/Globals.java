package org.quantado.models.jinja;

import java.time.Clock;
import java.time.ZonedDateTime;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Functions that every template can call. */
final class Globals {
    /** As Jinja's sandbox has it. */
    private static final int LONGEST_RANGE = 100_000;

    private Globals() {
    }

    static Map<String, Object> at(Clock clock) {
        Map<String, Object> globals = new HashMap<>();
        function(globals, "range", Globals::range);
        function(globals, "namespace", arguments -> new Namespace(map("namespace", arguments)));
        function(globals, "dict", arguments -> new LinkedHashMap<Object, Object>(map("dict", arguments)));
        function(globals, "raise_exception", arguments -> {
            throw new TemplateException(PythonText.str(arguments.bind("raise_exception", 1, "message").get(0)));
        });
        function(globals, "strftime_now", arguments -> StrfTime
                .format(arguments.bind("strftime_now", 1, "format").string(0), ZonedDateTime.now(clock)));
        return globals;
    }

    private static void function(Map<String, Object> globals, String name, Function function) {
        globals.put(name, function);
    }

    private static Map<String, Object> map(String function, Arguments arguments) {
        Map<String, Object> map = new LinkedHashMap<>();
        for (Object given : arguments.positional()) {
            if (!(given instanceof Map<?, ?> entries)) {
                throw new TemplateException(
                        function + "() was given " + PythonText.repr(given) + " and expects a dict");
            }
            entries.forEach((key, value) -> map.put(PythonText.str(key), value));
        }
        map.putAll(arguments.named());
        return map;
    }

    private static List<Object> range(Arguments arguments) {
        Arguments.Bound bound = arguments.bind("range", 1, "start", "stop", "step");
        long start = bound.has(1) ? bound.integer(0) : 0;
        long stop = bound.has(1) ? bound.integer(1) : bound.integer(0);
        long step = bound.has(2) ? bound.integer(2) : 1;
        if (step == 0 || Math.abs((stop - start) / step) >= LONGEST_RANGE) {
            throw new TemplateException("range() would have too many elements");
        }
        List<Object> range = new ArrayList<>();
        for (long i = start; step > 0 ? i < stop : i > stop; i += step) {
            range.add(i);
        }
        return range;
    }
}
