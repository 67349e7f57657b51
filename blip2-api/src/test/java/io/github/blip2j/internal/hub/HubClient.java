package io.github.blip2j.internal.hub;

import io.github.blip2j.core.LoadListener;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;

/** This library's side in tests: an environment of its own, and no time spent between tries. */
final class HubClient {
  private final Path home;
  private final Map<String, String> environment = new HashMap<>();
  private final List<Long> pauses = new CopyOnWriteArrayList<>();

  HubClient(FakeHub hub, Path home) {
    this.home = home;
    environment.put("HF_ENDPOINT", hub.address());
    environment.put("HF_HUB_CACHE", cache().toString());
    environment.put("HF_HUB_DOWNLOAD_TIMEOUT", "20");
  }

  HubClient with(String variable, String value) {
    environment.put(variable, value);
    return this;
  }

  Path cache() {
    return home.resolve("cache");
  }

  Path folder() {
    return cache().resolve("models--owner--tiny-model");
  }

  Path snapshot() {
    return folder().resolve("snapshots").resolve(FakeHub.COMMIT);
  }

  /** Where a file grows. */
  Path partial(String hash) {
    return folder().resolve("blobs").resolve(hash + ".blip2.incomplete");
  }

  Locations locations() {
    return new Locations(
        Map.copyOf(environment), home.toString(), "Linux", home.resolve("passwd"), () -> home);
  }

  ModelLocator locator() {
    return new ModelLocator(locations(), pauses::add);
  }

  Path download() {
    return download("main");
  }

  Path download(String revision) {
    return download(revision, LoadListener.NONE);
  }

  Path download(String revision, LoadListener listener) {
    return locator().plan(FakeHub.ID, revision).run(listener);
  }

  /** Seconds that were waited between tries. */
  List<Long> pauses() {
    return pauses;
  }
}
