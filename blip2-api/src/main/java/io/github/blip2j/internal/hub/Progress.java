package io.github.blip2j.internal.hub;

import io.github.blip2j.core.LoadListener;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** Tells a listener of downloads, one call at a time, and not of every few bytes. */
final class Progress {
  private final LoadListener listener;
  private final Object turn = new Object();
  private final Map<HubFile, OfFile> files = new ConcurrentHashMap<>();

  Progress(LoadListener listener) {
    this.listener = listener;
  }

  /** That of one file; for one thread at a time. */
  final class OfFile {
    private static final long STEP = 1 << 20;

    private final HubFile file;
    private long told = -1;

    private OfFile(HubFile file) {
      this.file = file;
    }

    /** So many bytes are here. */
    void at(long done) {
      if (told >= 0 && done > told && done - told < STEP && done < file.size() || done == told) {
        return;
      }
      told = done;
      synchronized (turn) {
        listener.downloading(file.name(), done, file.size());
      }
    }
  }

  OfFile of(HubFile file) {
    return files.computeIfAbsent(file, OfFile::new);
  }
}
