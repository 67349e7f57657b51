package io.github.blip2j.langchain4j;

import dev.langchain4j.model.embedding.listener.EmbeddingModelListener;
import io.github.blip2j.Blip2;
import io.github.blip2j.core.Capability;
import io.github.blip2j.image.ImageAddresses;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Describes an embedding model. For one thread. */
public final class Blip2EmbeddingModelBuilder {
  private @Nullable Blip2 blip2;
  private String modelName = "blip2";
  private ImageAddresses addresses = ImageAddresses.dataOnly();
  private List<EmbeddingModelListener> listeners = List.of();

  Blip2EmbeddingModelBuilder() {}

  /**
   * Names the loaded model; required.
   *
   * @param loaded one that matches images and texts; the caller closes it, after the last request
   * @return this
   */
  public Blip2EmbeddingModelBuilder blip2(Blip2 loaded) {
    this.blip2 = loaded;
    return this;
  }

  /**
   * Sets the name in responses; {@code blip2} by default.
   *
   * @param name such as {@code blip2-itm-vit-g}
   * @return this
   */
  public Blip2EmbeddingModelBuilder modelName(String name) {
    this.modelName = name;
    return this;
  }

  /**
   * Sets which addresses of images are followed; by default only {@code data:} URIs.
   *
   * @param allowed which
   * @return this
   */
  public Blip2EmbeddingModelBuilder imageAddresses(ImageAddresses allowed) {
    this.addresses = allowed;
    return this;
  }

  /**
   * Sets who is told of requests, responses and errors.
   *
   * @param told in this order
   * @return this
   */
  public Blip2EmbeddingModelBuilder listeners(List<EmbeddingModelListener> told) {
    this.listeners = List.copyOf(told);
    return this;
  }

  /**
   * Makes the model.
   *
   * @return the model, which borrows the {@code Blip2}
   * @throws IllegalStateException if no {@code Blip2} was named
   * @throws IllegalArgumentException if it does not match images and texts
   */
  public Blip2EmbeddingModel build() {
    Blip2 model = blip2;
    if (model == null) {
      throw new IllegalStateException("blip2 must be named before build()");
    }
    if (!model.capabilities().contains(Capability.MATCH)) {
      throw new IllegalArgumentException(
          "blip2: expected a model that matches images and texts, found " + model.capabilities());
    }
    return new Blip2EmbeddingModel(model, new Messages(addresses), modelName, listeners);
  }
}
