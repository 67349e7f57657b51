package io.github.blip2j.langchain4j;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.langchain4j.data.message.AudioContent;
import dev.langchain4j.data.message.ImageContent;
import dev.langchain4j.data.message.TextContent;
import dev.langchain4j.exception.InvalidRequestException;
import dev.langchain4j.exception.UnsupportedFeatureException;
import dev.langchain4j.model.embedding.EmbeddingModel;
import dev.langchain4j.model.embedding.listener.EmbeddingModelErrorContext;
import dev.langchain4j.model.embedding.listener.EmbeddingModelListener;
import dev.langchain4j.model.embedding.listener.EmbeddingModelRequestContext;
import dev.langchain4j.model.embedding.listener.EmbeddingModelResponseContext;
import dev.langchain4j.model.embedding.request.EmbeddingRequest;
import dev.langchain4j.model.embedding.response.EmbeddingResponse;
import io.github.blip2j.Blip2;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class Blip2EmbeddingModelTest {
  private final Blip2 blip2 = Demo.matcher();
  private final Blip2EmbeddingModel model = Blip2EmbeddingModel.builder().blip2(blip2).build();

  @AfterAll
  void close() {
    blip2.close();
  }

  private static EmbeddingRequest request(ImageContent... images) {
    EmbeddingRequest.Builder request = EmbeddingRequest.builder();
    for (ImageContent image : images) {
      request.input(image);
    }
    return request.build();
  }

  @Test
  void vectorsAreTheLibrarysInTheOrderOfTheInputs() {
    EmbeddingResponse response =
        model.embed(
            EmbeddingRequest.builder()
                .input(Demo.content(0))
                .input("a red circle")
                .input(Demo.content(1))
                .input("two blue squares")
                .build());
    assertThat(response.embeddings().get(0).vector())
        .isEqualTo(blip2.encode(Demo.image(0)).meanEmbedding());
    assertThat(response.embeddings().get(1).vector())
        .isEqualTo(blip2.embedder().text("a red circle").embedding());
    assertThat(response.embeddings().get(2).vector())
        .isEqualTo(blip2.encode(Demo.image(1)).meanEmbedding());
    assertThat(response.embeddings().get(3).vector())
        .isEqualTo(blip2.embedder().text("two blue squares").embedding());
    int images = 2 * blip2.encode(Demo.image(0)).projected().length;
    assertThat(response.tokenUsage().inputTokenCount()).isGreaterThan(images);
  }

  /** What LangChain4j's own way fails at: its segments must have a text. */
  @Test
  void listenersAreToldOfImagesToo() {
    List<Object> told = new ArrayList<>();
    EmbeddingModelListener listener =
        new EmbeddingModelListener() {
          @Override
          public void onRequest(EmbeddingModelRequestContext context) {
            told.add(context.embeddingRequest().inputs().size());
            told.add(context.textSegments().size());
            throw new IllegalStateException("which is none of the caller's business");
          }

          @Override
          public void onResponse(EmbeddingModelResponseContext context) {
            told.add(context.embeddingResponse().embeddings().size());
          }

          @Override
          public void onError(EmbeddingModelErrorContext context) {
            told.add(context.error());
          }
        };
    EmbeddingModel listened = model.addListener(listener);
    assertThat(listened.embed(request(Demo.content(0), Demo.content(1))).embeddings()).hasSize(2);
    assertThat(told).containsExactly(2, 0, 2);
    told.clear();
    ImageContent broken = ImageContent.from("AAAA", "image/png");
    assertThatThrownBy(() -> listened.embed(request(broken)))
        .isInstanceOf(InvalidRequestException.class);
    assertThat(told).hasSize(3).last().isInstanceOf(InvalidRequestException.class);
    assertThat(model.listeners()).as("the model itself is as it was").isEmpty();
  }

  @Test
  void whatHasNoVectorIsRefusedByName() {
    assertThatThrownBy(
            () ->
                model.embed(
                    EmbeddingRequest.builder()
                        .input(TextContent.from("a"), Demo.content(0))
                        .build()))
        .isInstanceOf(UnsupportedFeatureException.class)
        .hasMessageContaining("several parts in one input");
    assertThatThrownBy(
            () ->
                model.embed(
                    EmbeddingRequest.builder().input(AudioContent.from("AAAA", "wav")).build()))
        .isInstanceOf(UnsupportedFeatureException.class)
        .hasMessageContaining("audio");
    assertThatThrownBy(() -> model.embed(request(ImageContent.from("https://example.org/a.png"))))
        .isInstanceOf(UnsupportedFeatureException.class)
        .hasMessageContaining("https");
  }

  @Test
  void aModelThatWritesHasNoVectorsOfTexts() {
    try (Blip2 writer = Demo.captioner().load()) {
      assertThatThrownBy(() -> Blip2EmbeddingModel.builder().blip2(writer).build())
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("matches images and texts");
      assertThatThrownBy(() -> new Blip2ScoringModel(writer, segment -> Demo.image(0)))
          .isInstanceOf(IllegalArgumentException.class);
    }
    assertThatThrownBy(() -> Blip2EmbeddingModel.builder().build())
        .isInstanceOf(IllegalStateException.class);
  }
}
