package io.github.blip2j.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.blip2j.testkit.RecordedJars;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/** Nothing runs but what was reviewed: engines, Lucene, Jackson and all that the program brings. */
class RecordedJarsTest {
  @Test
  void everyJarIsTheOneThatWasRecorded() throws IOException {
    int jars =
        RecordedJars.read(Path.of("../.mvn/checksums/checksums.sha256"))
            .check(System.getProperty("java.class.path"));
    assertThat(jars).isGreaterThan(40);
  }
}
