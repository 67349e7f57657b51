package io.github.blip2j.host;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.NoSuchFileException;
import org.junit.jupiter.api.Test;

class ReasonsTest {
  /** Fails as often as it is asked for. */
  static final class Broken {
    static final int VALUE = fail();

    private static int fail() {
      throw new UnsatisfiedLinkError("/cache/libx.so: file too short");
    }
  }

  private static Throwable failure() {
    try {
      return new AssertionError("loaded: " + Broken.VALUE);
    } catch (LinkageError e) {
      return e;
    }
  }

  @Test
  void aClassInitialisersFirstCauseIsSaidEachTime() {
    assertThat(failure()).isInstanceOf(UnsatisfiedLinkError.class);
    Throwable second = failure();
    assertThat(second).isInstanceOf(NoClassDefFoundError.class);
    assertThat(Reasons.of(second)).contains("/cache/libx.so: file too short");
  }

  @Test
  void causesAreSaidInOrderAndOnce() {
    Exception cause = new IllegalStateException("disk full");
    assertThat(Reasons.of(new RuntimeException("cannot unpack", cause)))
        .isEqualTo("cannot unpack: disk full");
    assertThat(Reasons.of(new RuntimeException(cause)))
        .endsWith("disk full")
        .doesNotContain(": disk full: ");
    assertThat(Reasons.of(new ExceptionInInitializerError(cause))).isEqualTo("disk full");
    assertThat(Reasons.of(new NullPointerException())).isEqualTo("java.lang.NullPointerException");
    assertThat(Reasons.of(new NoSuchFileException("/cache/x")))
        .isEqualTo("NoSuchFileException /cache/x");
    assertThat(Reasons.of(new NoClassDefFoundError("engine/Library"))).isEqualTo("engine/Library");
  }
}
