package io.github.blip2j.cli;

import io.github.blip2j.core.LoadListener;
import java.io.PrintWriter;

/** Shows on a terminal how far the loading of a model is; to be closed when it is loaded. */
final class LoadingBar implements LoadListener, AutoCloseable {
  private final ProgressBar bar;

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

  @Override
  public void close() {
    bar.close();
  }
}
