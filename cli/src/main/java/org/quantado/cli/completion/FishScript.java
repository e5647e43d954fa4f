package org.quantado.cli.completion;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.StreamSupport;

import picocli.CommandLine;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;

/** Completion for fish: a line for each command, and for each option of each command. */
final class FishScript {
    private final String program;
    private final StringBuilder script = new StringBuilder();

    private FishScript(String program) {
        this.program = program;
    }

    static String of(CommandLine program) {
        FishScript fish = new FishScript(program.getCommandName());
        fish.line("__fish_use_subcommand", "-f");
        program.getSubcommands().forEach((name, command) -> fish.line("__fish_use_subcommand",
                "-f -a " + name + description(command.getCommandSpec())));
        program.getSubcommands().forEach((name, command) -> {
            String condition = "__fish_seen_subcommand_from " + name;
            command.getCommandSpec().options().forEach(option -> fish.line(condition, option(option)));
            command.getCommandSpec().positionalParameters().stream().map(FishScript::candidates)
                    .flatMap(Optional::stream).forEach(values -> fish.line(condition, values));
        });
        return fish.script.toString();
    }

    private void line(String condition, String rest) {
        script.append("complete -c ").append(program).append(" -n '").append(condition).append("' ").append(rest)
                .append('\n');
    }

    private static String option(OptionSpec option) {
        List<String> parts = new ArrayList<>();
        for (String name : option.names()) {
            parts.add(name.startsWith("--") ? "-l " + name.substring(2) : "-s " + name.substring(1));
        }
        boolean takesValue = option.arity().max() > 0;
        if (takesValue) {
            parts.add("-r");
        }
        candidates(option).ifPresent(parts::add);
        return String.join(" ", parts) + " -d " + quoted(firstSentence(option.description()));
    }

    /** Values that it can have; constants can be written in any case. */
    private static Optional<String> candidates(ArgSpec argument) {
        if (argument.completionCandidates() == null) {
            return Optional.empty();
        }
        boolean constants = argument.auxiliaryTypes()[0].isEnum();
        return Optional.of("-f -a " + quoted(StreamSupport.stream(argument.completionCandidates().spliterator(), false)
                .map(value -> constants ? value.toLowerCase(Locale.ROOT) : value).collect(Collectors.joining(" "))));
    }

    private static String description(CommandSpec command) {
        return " -d " + quoted(firstSentence(command.usageMessage().description()));
    }

    private static String firstSentence(String... lines) {
        String text = String.join(" ", lines).replaceAll("\\$\\{[^}]*\\}", "...");
        int end = text.indexOf(". ");
        return end < 0 ? text.replaceAll("\\.$", "") : text.substring(0, end);
    }

    private static String quoted(String text) {
        return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'";
    }
}
