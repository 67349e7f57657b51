package io.github.blip2j.testkit;

import io.github.blip2j.core.Device;
import io.github.blip2j.core.WeightLayout;
import io.github.blip2j.spi.Backend;
import io.github.blip2j.spi.Execution;
import io.github.blip2j.spi.LanguageSession;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/** What the contracts of sessions share: tiny-opt on the backend, and two images. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@SuppressWarnings("NullAway.Init")
abstract class TinyOptContract {
  /** Capacity of a session in which nothing is to be refused. */
  static final int ROOMY = 64;

  static final float[] NO_IMAGE = {};

  @TempDir static Path cache;
  Loaded it;
  float[] cat;
  float[] dog;
  int vocabulary;

  /** The backend under test. */
  protected abstract Backend backend();

  /** How it is run. */
  protected Execution execution() {
    return new Execution(Device.CPU, 1, WeightLayout.MAPPED);
  }

  /** How far logits may be from those that the same backend computes in other steps. */
  protected Tolerance tolerance() {
    return Tolerance.LOGITS;
  }

  /** The checkpoint; its images are those of tiny-opt. */
  protected Path directory() {
    return Fixtures.directory("tiny-opt");
  }

  @BeforeAll
  void load() {
    Golden golden = new Golden(Fixtures.directory("tiny-opt"));
    it = new Loaded(backend(), directory(), golden, cache, execution());
    cat = it.golden.tensor("landscape.png/projected");
    dog = it.golden.tensor("portrait.png/projected");
    vocabulary = it.checkpoint.config().text().vocabularySize();
  }

  @AfterAll
  void close() {
    it.close();
  }

  /** Logits after an image and tokens, computed in one go in a session of its own. */
  float[] fresh(float[] features, int... tokens) {
    float[] logits = new float[vocabulary];
    try (LanguageSession session = it.model.language().open(1, ROOMY)) {
      session.append(features, new int[][] {tokens}, logits);
    }
    return logits;
  }

  float[] row(float[] logits, int row) {
    return Arrays.copyOfRange(logits, row * vocabulary, (row + 1) * vocabulary);
  }

  float[] both() {
    return join(cat, dog);
  }

  static float[] join(float[] first, float[] second) {
    float[] both = Arrays.copyOf(first, first.length + second.length);
    System.arraycopy(second, 0, both, first.length, second.length);
    return both;
  }
}
