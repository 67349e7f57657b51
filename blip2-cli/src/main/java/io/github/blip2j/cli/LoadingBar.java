package io.github.blip2j.cli;

import io.github.blip2j.core.LoadListener;
import java.io.PrintWriter;
import java.util.HashMap;
import java.util.Map;

/**
 * Shows on a terminal how far the downloading and loading of a model is; to be closed when it is
 * loaded.
 */
final class LoadingBar implements LoadListener, AutoCloseable {
  private final ProgressBar bar;
  private final Map<String, long[]> files = new HashMap<>(); // bytes here, and of all

  LoadingBar(PrintWriter err) {
    this(ProgressBar.on(err));
  }

  LoadingBar(ProgressBar bar) {
    this.bar = bar;
  }

  @Override
  public void progress(String stage, long done, long total) {
    String what = stage.contains(" ") ? stage : "loading " + stage; // "preparing vision" says it
    bar.update(what, done, total, ProgressBar.Unit.BYTES);
  }

  /** All files together: they come beside each other. */
  @Override
  public void downloading(String file, long done, long total) {
    files.put(file, new long[] {done, total});
    long here = files.values().stream().mapToLong(f -> f[0]).sum();
    long all = files.values().stream().mapToLong(f -> f[1]).sum();
    bar.update("downloading", here, all, ProgressBar.Unit.BYTES);
  }

  @Override
  public void close() {
    bar.close();
  }
}
