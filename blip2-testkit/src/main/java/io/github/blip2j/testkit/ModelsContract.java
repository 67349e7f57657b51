package io.github.blip2j.testkit;

import io.github.blip2j.core.Device;
import io.github.blip2j.core.WeightLayout;
import io.github.blip2j.spi.Backend;
import io.github.blip2j.spi.Execution;
import java.nio.file.Path;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/** Tests over fixtures on a backend, each loaded once for all of them. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
abstract class ModelsContract {
  @TempDir static Path cache;

  private final Map<String, Loaded> loaded = new HashMap<>();

  /** The backend under test. */
  protected abstract Backend backend();

  /** How it is run: in one thread, since a second one gains nothing where layers are this small. */
  protected Execution execution() {
    return new Execution(Device.CPU, 1, WeightLayout.MAPPED);
  }

  /** A fixture on the backend; of an adapter's name the checkpoint with it. */
  final Loaded load(String name) {
    return loaded.computeIfAbsent(
        name,
        n -> {
          Golden golden = new Golden(Fixtures.directory(n));
          return new Loaded(backend(), Fixtures.checkpoint(n, cache), golden, cache, execution());
        });
  }

  /** Those that have been loaded. */
  final Collection<Loaded> loaded() {
    return loaded.values();
  }

  @AfterAll
  void closeAll() {
    loaded.values().forEach(Loaded::close);
  }
}
