package io.github.blip2j.internal.hub;

import io.github.blip2j.core.CheckpointException;
import io.github.blip2j.core.DownloadException;
import io.github.blip2j.core.LoadListener;
import java.io.IOException;
import java.net.ProxySelector;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorCompletionService;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;

/**
 * The files of a model that this library needs, as the Hub lists them now, and bringing those that
 * are not here. For one thread; several processes may download the same model at once.
 */
public final class HubDownload {
  private static final int AT_ONCE = 8;
  private static final double GB = 1e9;

  private final HubApi api;
  private final HubListing listing;
  private final CacheFolder folder;
  private final List<HubFile> files;

  private HubDownload(HubApi api, HubListing listing, CacheFolder folder, List<HubFile> files) {
    this.api = api;
    this.listing = listing;
    this.folder = folder;
    this.files = files;
  }

  /**
   * Asks the Hub.
   *
   * @param kinds what is wanted; of several, each that the repository has
   * @throws DownloadException if it does not say, or has none of them that this library reads
   */
  static HubDownload plan(
      Locations locations, HubName name, Retries.Pause pause, List<NeededFiles> kinds) {
    String offline = HubSettings.offline(locations);
    if (offline != null) {
      throw new DownloadException(
          name
              + ": not downloaded, because "
              + offline
              + " forbids connections; unset it, or have the files brought into "
              + locations.hubCache());
    }
    HubSettings settings = HubSettings.of(locations);
    Proxies proxies = new Proxies(locations.environment(), ProxySelector.getDefault());
    HubApi api = new HubApi(new HubHttp(settings, proxies), settings, pause);
    HubListing listing = api.list(name);
    CacheFolder folder = new CacheFolder(locations.hubCache(), name, settings.links());
    return new HubDownload(api, listing, folder, needed(api, listing, kinds));
  }

  private static List<HubFile> needed(HubApi api, HubListing listing, List<NeededFiles> kinds) {
    Set<String> all = listing.files().keySet();
    List<String> names = new ArrayList<>();
    for (NeededFiles kind : kinds) {
      if (kind.lacking(all::contains, listing.modelType()).isEmpty()) {
        names.addAll(kind.settings(all::contains));
        kind.weights(all::contains).ifPresent(names::add);
      }
    }
    if (names.isEmpty()) {
      throw refused(listing, kinds);
    }
    for (String name : names.stream().filter(NeededFiles::namesOthers).toList()) {
      names.addAll(named(api, listing, name));
    }
    return names.stream().distinct().map(n -> file(listing, n)).toList();
  }

  /** Says what is missing of the first kind whose settings are there. */
  private static DownloadException refused(HubListing listing, List<NeededFiles> kinds) {
    Set<String> all = listing.files().keySet();
    NeededFiles kind =
        kinds.stream()
            .filter(k -> all.contains(k.required("").get(0)))
            .findFirst()
            .orElse(kinds.get(0));
    NeededFiles other = kind.other();
    String found = other.lacking(all::contains, "").isEmpty() ? other.use() : "none";
    return new DownloadException(
        String.format(
            Locale.ROOT,
            "%s: no %s that this library reads: expected %s, found %s; nothing was downloaded",
            listing.name(),
            kind.noun(),
            String.join(", ", kind.lacking(all::contains, listing.modelType())),
            found));
  }

  private static List<String> named(HubApi api, HubListing listing, String name) {
    String where = listing.name().id() + "/" + name;
    try {
      return NeededFiles.named(name, api.content(listing, file(listing, name)), where);
    } catch (CheckpointException e) {
      throw new DownloadException(e.getMessage() + "; nothing was downloaded", e);
    }
  }

  private static HubFile file(HubListing listing, String name) {
    HubFile file = listing.files().get(name);
    if (file == null) {
      throw new DownloadException(
          listing.name() + ": an index names " + name + ", which the model does not have");
    }
    return file;
  }

  /** The commit that the revision is now. */
  public String commit() {
    return listing.commit();
  }

  /** The licence that the model's page names, such as {@code mit}; empty if it names none. */
  public String licence() {
    return listing.licence();
  }

  /** The needed files' names and sizes in bytes, whether they are here or not. */
  public Map<String, Long> files() {
    Map<String, Long> sizes = new TreeMap<>();
    files.forEach(f -> sizes.put(f.name(), f.size()));
    return sizes;
  }

  /** Bytes that have yet to come. */
  public long missingBytes() {
    return missing().stream().mapToLong(f -> f.size() - begun(f)).sum();
  }

  private List<HubFile> missing() {
    return files.stream().filter(f -> !folder.holds(commit(), f)).toList();
  }

  /** What an earlier try has left. */
  private long begun(HubFile file) {
    try {
      long size = Files.size(folder.partial(file, true));
      return size > file.size() ? 0 : size;
    } catch (IOException e) {
      return 0;
    }
  }

  /**
   * Brings what is not here. Files become visible together when all of them are whole, and the
   * revision's name is noted last.
   *
   * @return the folder with the files
   * @throws DownloadException if it cannot be completed; what has come is kept for the next try
   */
  public Path run(LoadListener listener) {
    List<HubFile> missing = distinct(missing());
    Progress progress = new Progress(listener);
    try {
      folder.create();
      requireSpace(missing);
      missing.forEach(f -> progress.of(f).at(begun(f)));
      fetch(missing, progress);
      for (HubFile file : files) {
        folder.place(commit(), file, isShared(file));
      }
      folder.refer(commit());
    } catch (IOException e) {
      throw new DownloadException(
          folder.folder()
              + ": cannot be written: "
              + e
              + "; HF_HUB_CACHE names another folder for models",
          e);
    }
    return folder.snapshot(commit());
  }

  /** Two names may have one content, which comes once. */
  private static List<HubFile> distinct(List<HubFile> files) {
    Map<String, HubFile> contents = new LinkedHashMap<>();
    files.forEach(f -> contents.putIfAbsent(f.hash() + " " + f.size(), f));
    return List.copyOf(contents.values());
  }

  private boolean isShared(HubFile file) {
    return files.stream().filter(f -> f.hash().equals(file.hash())).count() > 1;
  }

  private void requireSpace(List<HubFile> missing) throws IOException {
    long needed = missing.stream().mapToLong(f -> f.size() - begun(f)).sum();
    long free = Files.getFileStore(folder.folder()).getUsableSpace();
    if (needed > free) {
      throw new DownloadException(
          String.format(
              Locale.ROOT,
              "%s: expected %.2f GB of free space in %s, found %.2f GB; make room, or name another"
                  + " folder with HF_HUB_CACHE",
              listing.name(),
              needed / GB,
              folder.root(),
              free / GB));
    }
  }

  private void fetch(List<HubFile> missing, Progress progress) {
    if (missing.isEmpty()) {
      return;
    }
    ExecutorService pool =
        Executors.newFixedThreadPool(Math.min(AT_ONCE, missing.size()), HubDownload::thread);
    try {
      ExecutorCompletionService<HubFile> each = new ExecutorCompletionService<>(pool);
      missing.forEach(f -> each.submit(() -> fetch(f, progress.of(f)), f));
      for (int i = 0; i < missing.size(); i++) {
        each.take().get();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw interrupted(e);
    } catch (ExecutionException e) {
      if (e.getCause() instanceof RuntimeException cause) {
        throw cause;
      }
      if (e.getCause() instanceof Error cause) {
        throw cause;
      }
      throw new IllegalStateException(e.getCause());
    } finally {
      end(pool);
    }
  }

  private static Thread thread(Runnable task) {
    Thread thread = new Thread(task, "blip2-download");
    thread.setDaemon(true);
    return thread;
  }

  /** Nobody writes any more when this returns: the caller may try again at once. */
  private static void end(ExecutorService pool) {
    pool.shutdownNow();
    boolean interrupted = false;
    boolean ended = false;
    while (!ended) {
      try {
        ended = pool.awaitTermination(1, TimeUnit.MINUTES);
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  private DownloadException interrupted(InterruptedException e) {
    return new DownloadException(listing.name() + ": the download was interrupted", e);
  }

  private void fetch(HubFile file, Progress.OfFile progress) {
    try (BlobLock lock = BlobLock.take(folder.lock(file))) {
      if (folder.holds(commit(), file)) {
        progress.at(file.size()); // another process has brought it meanwhile
        return;
      }
      Path place = folder.partial(file, lock.exclusive());
      try (PartialFile partial = PartialFile.open(place, file)) {
        new BlobDownload(api, listing).fetch(file, partial, progress);
        partial.publish(folder.blob(file));
        progress.at(file.size());
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw interrupted(e);
    } catch (IOException e) {
      throw new DownloadException(
          listing.name().id() + "/" + file.name() + ": cannot be kept: " + e, e);
    }
  }
}
