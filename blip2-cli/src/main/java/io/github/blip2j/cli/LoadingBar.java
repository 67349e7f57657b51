package io.github.blip2j.cli;

import io.github.blip2j.core.Decision;
import io.github.blip2j.core.LoadListener;
import io.github.blip2j.core.Precisions;
import java.io.PrintWriter;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Shows on a terminal how far the downloading and loading of a model is, and says, terminal or not,
 * if memory was too small for the usual precision; to be closed when it is loaded.
 */
final class LoadingBar implements LoadListener, AutoCloseable {
  private final ProgressBar bar;
  private final PrintWriter err;
  private final Map<String, long[]> files = new HashMap<>(); // bytes here, and of all

  LoadingBar(PrintWriter err) {
    this(ProgressBar.on(err), err);
  }

  LoadingBar(ProgressBar bar, PrintWriter err) {
    this.bar = bar;
    this.err = err;
  }

  @Override
  public void planned(List<Decision<?>> plan) {
    for (Decision<?> decision : plan) {
      if (decision.part().equals(Decision.FIT)
          && decision.choice() instanceof Precisions precisions) {
        err.println("blip2: --precision " + precisions.label() + " is used: " + decision.reason());
        err.flush();
      }
    }
  }

  @Override
  public void progress(String stage, long done, long total) {
    if (stage.equals("calibrating")) {
      bar.update(stage, done, total, ProgressBar.Unit.ITEMS);
      return;
    }
    String what = stage.contains(" ") ? stage : "loading " + stage; // "preparing vision" says it
    bar.update(what.replace('_', ' '), done, total, ProgressBar.Unit.BYTES); // "language_model"
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
