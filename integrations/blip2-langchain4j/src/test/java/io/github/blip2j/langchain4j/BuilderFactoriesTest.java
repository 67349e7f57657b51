package io.github.blip2j.langchain4j;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.blip2j.Blip2;
import io.github.blip2j.langchain4j.spi.Blip2ChatModelBuilderFactory;
import io.github.blip2j.langchain4j.spi.Blip2EmbeddingModelBuilderFactory;
import io.github.blip2j.langchain4j.spi.Blip2StreamingChatModelBuilderFactory;
import java.io.IOException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Builders come from a factory where one is installed, and else from the model itself. */
class BuilderFactoriesTest {
  @TempDir Path folder;

  /** One that frameworks would bring. */
  public static final class Chat implements Blip2ChatModelBuilderFactory {
    @Override
    public Blip2ChatModelBuilder<Blip2ChatModel> get() {
      return new Blip2ChatModelBuilder<>(Blip2ChatModel::new).modelName("of a factory");
    }
  }

  /** Another. */
  public static final class Streaming implements Blip2StreamingChatModelBuilderFactory {
    @Override
    public Blip2ChatModelBuilder<Blip2StreamingChatModel> get() {
      return new Blip2ChatModelBuilder<>(Blip2StreamingChatModel::new).modelName("of a factory");
    }
  }

  /** A third. */
  public static final class Embedding implements Blip2EmbeddingModelBuilderFactory {
    @Override
    public Blip2EmbeddingModelBuilder get() {
      return new Blip2EmbeddingModelBuilder().modelName("of a factory");
    }
  }

  private void install(Class<?> service, Class<?> factory) throws IOException {
    Path services = Files.createDirectories(folder.resolve("META-INF/services"));
    Files.writeString(services.resolve(service.getName()), factory.getName());
  }

  @Test
  void theInstalledFactoryIsAsked() throws IOException {
    install(Blip2ChatModelBuilderFactory.class, Chat.class);
    install(Blip2StreamingChatModelBuilderFactory.class, Streaming.class);
    install(Blip2EmbeddingModelBuilderFactory.class, Embedding.class);
    Thread here = Thread.currentThread();
    ClassLoader before = here.getContextClassLoader();
    try (Blip2 captioner = Demo.captioner().load();
        Blip2 matcher = Demo.matcher();
        URLClassLoader loader = new URLClassLoader(new URL[] {folder.toUri().toURL()}, before)) {
      here.setContextClassLoader(loader);
      try {
        assertThat(names(captioner, matcher)).containsOnly("of a factory").hasSize(3);
      } finally {
        here.setContextClassLoader(before);
      }
      assertThat(names(captioner, matcher)).containsOnly("blip2").hasSize(3);
    }
  }

  private static java.util.List<String> names(Blip2 captioner, Blip2 matcher) {
    return java.util.List.of(
        Blip2ChatModel.builder().blip2(captioner).build().defaultRequestParameters().modelName(),
        Blip2StreamingChatModel.builder()
            .blip2(captioner)
            .build()
            .defaultRequestParameters()
            .modelName(),
        Blip2EmbeddingModel.builder().blip2(matcher).build().modelName());
  }
}
