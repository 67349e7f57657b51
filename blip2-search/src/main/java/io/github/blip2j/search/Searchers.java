package io.github.blip2j.search;

import java.io.Closeable;
import java.io.IOException;
import org.apache.lucene.search.IndexSearcher;
import org.apache.lucene.search.SearcherManager;

/**
 * Searches what an index has now, or while they are frozen what it had then: a change of several
 * steps is seen whole or not at all, and no search waits for it. Safe for many threads.
 */
final class Searchers implements Closeable {
  private final SearcherManager manager;
  private boolean frozen;

  /** Owns the manager. */
  Searchers(SearcherManager manager) {
    this.manager = manager;
  }

  /** A search. */
  interface Search<R> {
    R in(IndexSearcher searcher) throws IOException;
  }

  <R> R search(Search<R> search) throws IOException {
    refresh();
    IndexSearcher searcher = manager.acquire();
    try {
      return search.in(searcher);
    } finally {
      manager.release(searcher);
    }
  }

  private synchronized void refresh() throws IOException {
    if (!frozen) {
      manager.maybeRefreshBlocking();
    }
  }

  /** From now on searches find what there is now. */
  synchronized void freeze() throws IOException {
    manager.maybeRefreshBlocking();
    frozen = true;
  }

  /** Searches find what there is at the time again. */
  synchronized void thaw() {
    frozen = false;
  }

  @Override
  public void close() throws IOException {
    manager.close();
  }
}
