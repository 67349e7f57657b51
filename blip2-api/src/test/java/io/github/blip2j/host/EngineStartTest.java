package io.github.blip2j.host;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Map;
import org.junit.jupiter.api.Test;

class EngineStartTest {
  private static final String NAME = "io.github.blip2j.test";

  @Test
  void propertiesAndClassLoaderAreSetMeanwhileAndPutBack() {
    Thread thread = Thread.currentThread();
    ClassLoader before = thread.getContextClassLoader();
    ClassLoader other = ClassLoader.getPlatformClassLoader();
    String seen =
        EngineStart.run(
            other,
            Map.of(NAME, "new"),
            () -> System.getProperty(NAME) + (thread.getContextClassLoader() == other));
    assertThat(seen).isEqualTo("newtrue");
    assertThat(System.getProperty(NAME)).isNull();
    assertThat(thread.getContextClassLoader()).isSameAs(before);
    System.setProperty(NAME, "old");
    try {
      assertThatThrownBy(
              () ->
                  EngineStart.run(
                      other,
                      Map.of(NAME, "new"),
                      () -> {
                        throw new IllegalStateException("failed");
                      }))
          .hasMessage("failed");
      assertThat(System.getProperty(NAME)).isEqualTo("old");
      assertThat(thread.getContextClassLoader()).isSameAs(before);
    } finally {
      System.clearProperty(NAME);
    }
  }

  @Test
  void djlIsOfflineUnlessTheApplicationHasSaidOtherwise() {
    String before = System.getProperty("ai.djl.offline");
    try {
      System.clearProperty("ai.djl.offline");
      EngineStart.keepSilent();
      assertThat(System.getProperty("ai.djl.offline")).isEqualTo("true");
      assertThat(System.getProperty("OPT_OUT_TRACKING")).isEqualTo("true");
      System.setProperty("ai.djl.offline", "false");
      EngineStart.keepSilent();
      assertThat(System.getProperty("ai.djl.offline")).isEqualTo("false");
    } finally {
      if (before != null) {
        System.setProperty("ai.djl.offline", before);
      }
    }
  }

  @Test
  void aResourceIsFoundWhateverTheThreadSees() {
    Thread thread = Thread.currentThread();
    ClassLoader before = thread.getContextClassLoader();
    try {
      thread.setContextClassLoader(ClassLoader.getPlatformClassLoader());
      String resource = EngineStartTest.class.getName().replace('.', '/') + ".class";
      ClassLoader found = EngineStart.loaderOf(resource, EngineStartTest.class);
      assertThat(found).isSameAs(EngineStartTest.class.getClassLoader());
      assertThat(EngineStart.loaderOf(resource, String.class)).isNotNull();
    } finally {
      thread.setContextClassLoader(before);
    }
  }
}
