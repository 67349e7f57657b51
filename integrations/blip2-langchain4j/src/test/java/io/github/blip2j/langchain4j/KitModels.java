package io.github.blip2j.langchain4j;

import dev.langchain4j.model.chat.listener.ChatModelListener;
import dev.langchain4j.model.chat.request.ChatRequestParameters;
import io.github.blip2j.image.ImageSource;
import io.github.blip2j.testkit.Fixtures;
import java.util.List;
import java.util.function.Supplier;

/**
 * Models of one kind over a script, as LangChain4j's kits ask for them. The kits ask without an
 * image, so one is always there.
 *
 * @param <M> the kind
 */
final class KitModels<M> implements AutoCloseable {
  /** Of models that listeners are told about. */
  static final String NAME = "tiny-opt";

  private final Script script = new Script();
  private final Supplier<Blip2ChatModelBuilder<M>> builders;

  KitModels(Supplier<Blip2ChatModelBuilder<M>> builders) {
    this.builders = builders;
  }

  private Blip2ChatModelBuilder<M> builder() {
    return builders
        .get()
        .blip2(script.blip2)
        .generation(script.options)
        .image(ImageSource.of(Fixtures.image("photo.jpg")));
  }

  M usual() {
    return builder().build();
  }

  M with(ChatRequestParameters parameters) {
    return builder().defaultRequestParameters(parameters).build();
  }

  M heardBy(ChatModelListener listener) {
    return builder().listeners(List.of(listener)).build();
  }

  /** With parameters of which the listener is told. */
  M heardBy(ChatModelListener listener, Double temperature, Double topP, Integer tokens) {
    return builder()
        .modelName(NAME)
        .defaultRequestParameters(
            ChatRequestParameters.builder()
                .temperature(temperature)
                .topP(topP)
                .maxOutputTokens(tokens)
                .build())
        .listeners(List.of(listener))
        .build();
  }

  /** The same model, which fails from now on with {@link IllegalStateException}, being closed. */
  M failing(M model) {
    script.close();
    return model;
  }

  static ChatRequestParameters limitedTo(int tokens) {
    return ChatRequestParameters.builder().maxOutputTokens(tokens).build();
  }

  @Override
  public void close() {
    script.close();
  }
}
