package io.github.blip2j.spring.ai;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.blip2j.Blip2;
import io.github.blip2j.core.CheckpointException;
import io.github.blip2j.spring.Demo;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.springframework.ai.content.Media;
import org.springframework.ai.document.Document;
import org.springframework.ai.embedding.DocumentEmbeddingRequest;
import org.springframework.ai.embedding.EmbeddingResponse;
import org.springframework.core.io.FileSystemResource;
import org.springframework.util.MimeTypeUtils;

@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class EmbeddingModelsTest {
  private final Blip2 blip2 = Demo.matcher().load();
  private final Blip2EmbeddingModel model =
      new Blip2EmbeddingModel(() -> blip2, Blip2ChatSettings.defaults());

  @AfterAll
  void close() {
    blip2.close();
  }

  private static Document image(int scene) {
    FileSystemResource file = new FileSystemResource(Demo.file(scene));
    return new Document(new Media(MimeTypeUtils.IMAGE_PNG, file), Map.of());
  }

  private float[] text(String text) {
    return blip2.embedder().text(text).embedding();
  }

  private float[] mean(int scene) {
    return blip2.encode(Demo.image(scene)).meanEmbedding();
  }

  @Test
  void textsHaveTheLibrarysVectors() {
    assertThat(model.embed("a red circle")).isEqualTo(text("a red circle"));
    List<float[]> two = model.embed(List.of("a red circle", "two squares"));
    assertThat(two.get(1)).isEqualTo(text("two squares"));
    EmbeddingResponse response = model.embedForResponse(List.of("a", "b"));
    assertThat(response.getMetadata().getModel()).isEqualTo("blip2");
    assertThat(response.getMetadata().getUsage().getPromptTokens()).isPositive();
    assertThat(response.getResults().get(1).getIndex()).isEqualTo(1);
    assertThat(model.dimensions()).isEqualTo(text("a").length);
  }

  @Test
  void aDocumentIsItsImageOrItsText() {
    assertThat(model.embed(image(0))).isEqualTo(mean(0));
    assertThat(model.embed(new Document("a red circle"))).isEqualTo(text("a red circle"));
  }

  @Test
  void documentsKeepTheirOrder() {
    Blip2DocumentEmbeddingModel documents =
        new Blip2DocumentEmbeddingModel(() -> blip2, Blip2ChatSettings.defaults());
    EmbeddingResponse response =
        documents.call(
            new DocumentEmbeddingRequest(image(1), new Document("two squares"), image(0)));
    assertThat(response.getResults().get(0).getOutput()).isEqualTo(mean(1));
    assertThat(response.getResults().get(1).getOutput()).isEqualTo(text("two squares"));
    assertThat(response.getResults().get(2).getOutput()).isEqualTo(mean(0));
    assertThat(documents.dimensions()).isEqualTo(model.dimensions());
  }

  @Test
  void aModelThatWritesHasNone() {
    try (Blip2 writer = Demo.captioner().load()) {
      Blip2ChatSettings settings = Blip2ChatSettings.defaults();
      Blip2EmbeddingModel writing = new Blip2EmbeddingModel(() -> writer, settings);
      assertThatThrownBy(() -> writing.embed("a")).isInstanceOf(CheckpointException.class);
      assertThatThrownBy(() -> writing.embed(image(0)))
          .as("its images' vectors are in the language model's space")
          .isInstanceOf(CheckpointException.class)
          .hasMessageContaining("matches images and texts");
      assertThatThrownBy(
              () ->
                  new Blip2DocumentEmbeddingModel(() -> writer, settings)
                      .call(new DocumentEmbeddingRequest(image(0))))
          .isInstanceOf(CheckpointException.class);
    }
  }
}
