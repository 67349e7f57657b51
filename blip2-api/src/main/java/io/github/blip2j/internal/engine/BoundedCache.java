package io.github.blip2j.internal.engine;

import io.github.blip2j.core.CacheStatistics;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.ToLongFunction;

/**
 * The most recently used values, as many as a bound in bytes allows. Values that are dropped are
 * released. Safe for many threads: everything happens under its lock.
 */
final class BoundedCache<K, V> {
  private final long mostBytes;
  private final ToLongFunction<V> size;
  private final Consumer<V> release;
  private final Map<K, V> values = new LinkedHashMap<>(16, 0.75f, true);
  private long bytes;
  private long hits;
  private long misses;
  private long evictions;

  BoundedCache(long mostBytes, ToLongFunction<V> size, Consumer<V> release) {
    this.mostBytes = mostBytes;
    this.size = size;
    this.release = release;
  }

  boolean on() {
    return mostBytes > 0;
  }

  synchronized Optional<V> find(K key) {
    V value = values.get(key);
    if (value == null) {
      misses++;
    } else {
      hits++;
    }
    return Optional.ofNullable(value);
  }

  /** Uses a value under the lock, so that it cannot be released meanwhile. */
  synchronized <R> Optional<R> use(K key, Function<V, R> use) {
    return find(key).map(use);
  }

  /**
   * Keeps a value; what is in its way is released. One that is larger than the bound is released at
   * once, and the others stay.
   */
  synchronized void put(K key, V value) {
    V before = values.remove(key);
    if (before != null) {
      drop(before);
    }
    long more = size.applyAsLong(value);
    if (more > mostBytes) {
      release.accept(value);
      evictions++;
      return;
    }
    values.put(key, value);
    bytes += more;
    Iterator<V> oldest = values.values().iterator();
    while (bytes > mostBytes && oldest.hasNext()) {
      V old = oldest.next();
      oldest.remove();
      drop(old);
      evictions++;
    }
  }

  /** Releases a key's value, if there is one. */
  synchronized void remove(K key) {
    V value = values.remove(key);
    if (value != null) {
      drop(value);
    }
  }

  private void drop(V value) {
    bytes -= size.applyAsLong(value);
    release.accept(value);
  }

  synchronized CacheStatistics statistics() {
    return new CacheStatistics(hits, misses, evictions, values.size(), bytes);
  }

  /** Releases everything. */
  synchronized void clear() {
    values.values().forEach(this::drop);
    values.clear();
  }
}
