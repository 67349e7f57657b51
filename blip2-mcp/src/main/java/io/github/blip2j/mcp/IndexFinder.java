package io.github.blip2j.mcp;

import io.github.blip2j.Blip2;
import io.github.blip2j.search.Blip2Index;
import io.github.blip2j.search.Hit;
import io.github.blip2j.search.SearchOptions;
import java.nio.file.Path;
import java.util.List;

/**
 * An index that others fill, {@code blip2 index add} for one. Of what it has, the images are found
 * that may be looked at.
 */
final class IndexFinder implements Finder {
  private static final int MOST = 10_000; // hits that the index gives

  private final Blip2Index index;
  private final AllowedImages images;

  IndexFinder(Path directory, Blip2 matching, AllowedImages images) {
    index = Blip2Index.openReadOnly(directory, matching);
    this.images = images;
  }

  @Override
  public Found find(String query, int limit) {
    int all = index.images();
    List<Hit> hits = List.of();
    int asked = limit;
    while (all > 0) {
      hits = index.images(query, SearchOptions.best(Math.min(asked, MOST)));
      List<Hit> allowed = hits.stream().filter(h -> images.has(h.id())).limit(limit).toList();
      boolean whole = hits.size() < asked || asked >= MOST;
      if (allowed.size() == limit || whole) {
        return new Found(allowed, all, 0, 0);
      }
      asked = Math.min(MOST, 4 * asked); // some of the best may not be shown
    }
    return new Found(hits, 0, 0, 0);
  }

  @Override
  public void close() {
    index.close();
  }
}
