package io.github.blip2j.testkit;

import static io.github.blip2j.testkit.TinyOpt.START;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/** A family that no backend knows, through all that sessions must do, and beside the arrays. */
public abstract class ToySessionContract extends SessionContract {
  @Override
  protected Path directory() {
    return ToyCheckpoint.write(cache.resolve("toy"));
  }

  @Test
  void logitsAreThoseOfTheArrays() {
    try (Loaded arrays =
        new Loaded(new ArrayBackend(), it.checkpoint.directory(), it.golden, cache, execution())) {
      float[] expected = new float[vocabulary];
      try (var session = arrays.model.language().open(1, ROOMY)) {
        session.append(cat, new int[][] {{START, 30, 31, 32}}, expected);
      }
      tolerance().check("toy", expected, fresh(cat, START, 30, 31, 32));
    }
  }
}
