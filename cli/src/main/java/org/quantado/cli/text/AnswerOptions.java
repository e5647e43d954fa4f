package org.quantado.cli.text;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

import org.quantado.cli.report.CommandException;
import org.quantado.cli.report.ExitCode;
import org.quantado.models.TextModel;
import org.quantado.models.batch.AnswerRule;
import org.quantado.models.generate.GenerationDefaults;
import org.quantado.models.generate.GenerationException;
import org.quantado.models.generate.GenerationRequest;
import org.quantado.models.generate.Sampling;

import picocli.CommandLine.Option;

/** What answers are like. What is not said is as the model's generation_config.json has it. */
public final class AnswerOptions {
    @Option(names = "--max-tokens", paramLabel = "N", description = "Tokens of an answer at most.")
    private Integer maxTokens;

    @Option(names = "--temperature", paramLabel = "T", description = "0: always the most likely token; 1: as likely as the model has it.")
    private Double temperature;

    @Option(names = "--top-k", paramLabel = "K", description = "Draw among the K most likely tokens.")
    private Integer topK;

    @Option(names = "--top-p", paramLabel = "P", description = "Draw among the most likely tokens that have probability P together.")
    private Double topP;

    @Option(names = "--min-p", paramLabel = "P", description = "Draw among tokens with P of the largest probability.")
    private Double minP;

    @Option(names = "--repetition-penalty", paramLabel = "X", description = "Make tokens less likely that were there.")
    private Double repetitionPenalty;

    @Option(names = "--seed", paramLabel = "SEED", description = "The same seed gives the same answer; of many prompts the first has it (0 if nobody says so), and each next one the next.")
    private Long seed;

    @Option(names = "--stop", paramLabel = "TEXT", description = "End an answer before this text; any number of these.")
    private List<String> stops = new ArrayList<>();

    /**
     * What is asked of a model.
     *
     * @param usualTokens tokens of an answer at most, where nobody says so
     * @throws CommandException if an option is out of its range
     */
    public GenerationRequest request(TextModel model, int usualTokens) {
        try {
            return new GenerationRequest(sampling(model.sampling()), maxTokens == null ? usualTokens : maxTokens,
                    model.stopIds(), stops);
        } catch (GenerationException e) {
            throw new CommandException(ExitCode.BAD_USAGE, e.getMessage(), e);
        }
    }

    /**
     * What is asked of a model for each of many prompts.
     *
     * @param model folder
     * @param parallel prompts that are answered at a time
     * @throws CommandException if an option is out of its range
     */
    public AnswerRule rule(Path model, int usualTokens, int parallel) {
        try {
            Sampling sampling = sampling(GenerationDefaults.read(model).sampling());
            GenerationRequest request = new GenerationRequest(sampling, maxTokens == null ? usualTokens : maxTokens,
                    Set.of(), stops);
            return AnswerRule.of(sampling, seed == null ? 0 : seed, request.maxTokens(), stops, parallel);
        } catch (GenerationException e) {
            throw new CommandException(ExitCode.BAD_USAGE, e.getMessage(), e);
        }
    }

    private Sampling sampling(Sampling model) {
        boolean draws = topK != null || topP != null || minP != null;
        Sampling sampling = model;
        if (temperature != null || (draws && model.isGreedy())) {
            sampling = sampling.withTemperature(temperature == null ? 1 : temperature);
        }
        sampling = topK == null ? sampling : sampling.withTopK(topK);
        sampling = topP == null ? sampling : sampling.withTopP(topP);
        sampling = minP == null ? sampling : sampling.withMinP(minP);
        sampling = repetitionPenalty == null ? sampling : sampling.withRepetitionPenalty(repetitionPenalty);
        return seed == null ? sampling : sampling.withSeed(seed);
    }
}
