package org.quantado.cli.download;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;

import org.quantado.cli.report.CommandException;
import org.quantado.cli.report.ExitCode;
import org.quantado.cli.report.Millis;
import org.quantado.cli.report.Output;
import org.quantado.schemes.download.DownloadedModel;
import org.quantado.schemes.download.FileChoice;
import org.quantado.schemes.download.ModelDownload;
import org.quantado.schemes.hub.HubEnvironment;
import org.quantado.schemes.hub.ModelId;

import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Brings a model from Hugging Face into the cache. */
@Command(name = "download", description = {
        "Bring a model from Hugging Face into the cache that its tools for Python use, too. What an interrupted run has fetched is kept; the same command goes on from there.",
        "The variables of huggingface_hub are obeyed: HF_HOME, HF_HUB_CACHE, HF_ENDPOINT, HF_TOKEN, HF_TOKEN_PATH, HF_HUB_OFFLINE."}, footer = {
                "", "Examples:", "  quantado download Qwen/Qwen3-0.6B-FP8",
                "  quantado generate Qwen/Qwen3-0.6B-FP8 \"Once upon a time\"", "", ExitCode.HELP})
public final class DownloadCommand implements Callable<Integer> {
    @Parameters(paramLabel = "ID", description = "A model: org/name or org/name@revision.")
    private String id;

    @Option(names = "--revision", paramLabel = "R", description = "A branch, a tag or a commit; otherwise main.")
    private String revision;

    @Option(names = "--include", paramLabel = "P", description = "Files to be fetched, such as '*.json'; any number of these. Otherwise what running the model takes: safetensors, JSON, tokenizer, chat template.")
    private List<String> included = new ArrayList<>();

    @Option(names = "--exclude", paramLabel = "P", description = "Files to be left out; any number of these.")
    private List<String> excluded = new ArrayList<>();

    @Mixin
    private Output output;

    @Override
    public Integer call() throws IOException {
        ModelId model = model();
        FileChoice choice = FileChoice.of(included, excluded);
        long start = System.nanoTime();
        DownloadedModel downloaded;
        try (DownloadBar bar = new DownloadBar(output)) {
            downloaded = ModelDownload.in(HubEnvironment.system()).fetch(model, choice, bar);
        }
        output.print(DownloadReport.of(downloaded, Millis.between(start, System.nanoTime()) / 1000));
        return ExitCode.DONE;
    }

    private ModelId model() {
        ModelId model = ModelId.of(id);
        if (revision == null) {
            return model;
        }
        if (id.contains("@")) {
            throw new CommandException(ExitCode.BAD_USAGE,
                    "found " + id + " and --revision " + revision + ", expected one revision");
        }
        return model.at(revision);
    }
}
