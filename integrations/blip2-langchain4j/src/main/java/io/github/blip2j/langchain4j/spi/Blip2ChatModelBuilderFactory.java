package io.github.blip2j.langchain4j.spi;

import io.github.blip2j.langchain4j.Blip2ChatModel;
import io.github.blip2j.langchain4j.Blip2ChatModelBuilder;
import java.util.function.Supplier;

/** Makes the builders that {@link Blip2ChatModel#builder} gives; found by {@code ServiceLoader}. */
public interface Blip2ChatModelBuilderFactory
    extends Supplier<Blip2ChatModelBuilder<Blip2ChatModel>> {}
