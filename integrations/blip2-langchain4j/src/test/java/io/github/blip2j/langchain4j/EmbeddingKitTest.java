package io.github.blip2j.langchain4j;

import dev.langchain4j.data.message.ImageContent;
import dev.langchain4j.model.embedding.EmbeddingModel;
import dev.langchain4j.model.embedding.common.AbstractEmbeddingModelIT;
import dev.langchain4j.model.embedding.listener.EmbeddingModelListener;
import io.github.blip2j.Blip2;
import java.util.List;
import org.junit.jupiter.api.AfterAll;

/** LangChain4j's own tests of embedding models, over the built-in matcher. */
class EmbeddingKitTest extends AbstractEmbeddingModelIT {
  private final Blip2 blip2 = Demo.matcher();

  @AfterAll
  void close() {
    blip2.close();
  }

  @Override
  protected List<EmbeddingModel> models() {
    return List.of(Blip2EmbeddingModel.builder().blip2(blip2).build());
  }

  @Override
  protected EmbeddingModel modelWith(EmbeddingModelListener listener) {
    return Blip2EmbeddingModel.builder().blip2(blip2).listeners(List.of(listener)).build();
  }

  @Override
  protected EmbeddingModel failingModelWith(EmbeddingModelListener listener) {
    Blip2 broken = Demo.matcher();
    EmbeddingModel model =
        Blip2EmbeddingModel.builder().blip2(broken).listeners(List.of(listener)).build();
    broken.close();
    return model;
  }

  @Override
  protected ImageContent catImage() {
    return Demo.content(0);
  }

  @Override
  protected boolean supportsInputTypeParameter() {
    return false;
  }

  @Override
  protected boolean supportsDimensionsParameter() {
    return false;
  }

  @Override
  protected boolean supportsInterleavedInput() {
    return false;
  }
}
