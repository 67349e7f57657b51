package io.github.blip2j.langchain4j.spi;

import io.github.blip2j.langchain4j.Blip2EmbeddingModel;
import io.github.blip2j.langchain4j.Blip2EmbeddingModelBuilder;
import java.util.function.Supplier;

/**
 * Makes the builders that {@link Blip2EmbeddingModel#builder} gives; found by {@code
 * ServiceLoader}.
 */
public interface Blip2EmbeddingModelBuilderFactory extends Supplier<Blip2EmbeddingModelBuilder> {}
