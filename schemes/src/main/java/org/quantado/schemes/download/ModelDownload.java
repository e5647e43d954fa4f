package org.quantado.schemes.download;

import java.io.IOException;
import java.nio.file.Files;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletionService;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorCompletionService;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Function;
import java.util.function.Predicate;

import org.quantado.schemes.checkpoint.CheckpointException;
import org.quantado.schemes.checkpoint.DiskSpace;
import org.quantado.schemes.hub.CachedModel;
import org.quantado.schemes.hub.HubEnvironment;
import org.quantado.schemes.hub.HubException;
import org.quantado.schemes.hub.HubException.Reason;
import org.quantado.schemes.hub.ModelId;

/** Brings models from the hub into the cache. Thread-safe; several processes may do the same at once. */
public final class ModelDownload {
    /** One is often slower than the network; more than a few is impolite. */
    private static final int CONNECTIONS = 4;

    private final HubEnvironment environment;
    private final Patience patience;

    ModelDownload(HubEnvironment environment, Patience patience) {
        this.environment = environment;
        this.patience = patience;
    }

    /** From the hub and into the cache of an environment. */
    public static ModelDownload in(HubEnvironment environment) {
        return new ModelDownload(environment, Patience.USUAL);
    }

    /**
     * Fetches those files of a model that are not in the cache.
     *
     * @throws HubException in a sentence, if the model is not to be had
     * @throws IOException if the disk has no room, or a file cannot be written
     */
    public DownloadedModel fetch(ModelId id, FileChoice choice, DownloadProgress progress) throws IOException {
        if (environment.isOffline()) {
            throw new HubException(Reason.USAGE, id + ": found HF_HUB_OFFLINE or TRANSFORMERS_OFFLINE set, expected"
                    + " neither: a download uses the network");
        }
        CachedModel model = new CachedModel(environment.cache(), id);
        try (HubClient client = new HubClient(id, environment.endpoint(), environment.token(), patience)) {
            HubListing listing = HubListing.read(client, id);
            List<HubFile> files = chosen(id, listing, choice);
            Files.createDirectories(model.blobs());
            List<Transfer> transfers = files.stream().sorted(Comparator.comparingLong(HubFile::bytes).reversed())
                    .filter(distinct(HubFile::sum)).map(file -> new Transfer(client, patience, model, file,
                            listing.address(client, id, file), progress))
                    .toList();
            long fetched = fetch(model, transfers, progress);
            return new DownloadedModel(id, listing.commit(), new Snapshot(model, listing.commit()).complete(files),
                    files.size(), files.stream().mapToLong(HubFile::bytes).sum(), fetched);
        }
    }

    /** Takes the first of those that have something in common; two files of the same bytes are one blob. */
    private static <T> Predicate<T> distinct(Function<T, String> key) {
        Set<String> seen = new HashSet<>();
        return element -> seen.add(key.apply(element));
    }

    private static List<HubFile> chosen(ModelId id, HubListing listing, FileChoice choice) {
        List<HubFile> files = listing.files().stream().filter(file -> choice.takes(file.path())).toList();
        if (files.isEmpty() || (choice.needsWeights()
                && files.stream().noneMatch(file -> file.path().endsWith(FileChoice.WEIGHTS)))) {
            String largest = listing.files().stream().max(Comparator.comparingLong(HubFile::bytes))
                    .map(file -> ", of which the largest is " + CheckpointException.quote(file.path())).orElse("");
            throw new HubException(Reason.NOT_GIVEN,
                    id + ": found " + (choice.needsWeights() ? "no safetensors" : "none")
                            + " among its " + listing.files().size() + " files" + largest
                            + (choice.needsWeights()
                                    ? ", expected some in its top folder"
                                    : ", expected some that the patterns take"));
        }
        return files;
    }

    private static long fetch(CachedModel model, List<Transfer> transfers, DownloadProgress progress)
            throws IOException {
        long bytes = 0;
        long present = 0;
        Map<Transfer, Long> counted = new LinkedHashMap<>();
        for (Transfer transfer : transfers) {
            counted.put(transfer, transfer.present());
            present += transfer.present();
            bytes += transfer.bytes();
        }
        DiskSpace.require(model.blobs(), bytes - present);
        progress.begin(bytes);
        progress.advance(present);
        ExecutorService workers = Executors.newFixedThreadPool(CONNECTIONS, Thread.ofPlatform().daemon().factory());
        try {
            CompletionService<Long> done = new ExecutorCompletionService<>(workers);
            counted.forEach((transfer, known) -> done.submit(() -> transfer.run(known)));
            long fetched = 0;
            for (int i = 0; i < counted.size(); i++) {
                fetched += done.take().get();
            }
            return fetched;
        } catch (ExecutionException e) {
            throw thrown(e.getCause());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new HubException(Reason.HINDERED, model.id() + ": interrupted", e);
        } finally {
            workers.shutdownNow();
            workers.close();
        }
    }

    private static RuntimeException thrown(Throwable cause) throws IOException {
        return switch (cause) {
            case IOException io -> throw io;
            case RuntimeException unchecked -> unchecked;
            case Error error -> throw error;
            default -> new IllegalStateException(cause);
        };
    }
}
