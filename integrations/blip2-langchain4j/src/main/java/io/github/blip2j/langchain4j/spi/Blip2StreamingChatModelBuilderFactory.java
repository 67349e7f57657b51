package io.github.blip2j.langchain4j.spi;

import io.github.blip2j.langchain4j.Blip2ChatModelBuilder;
import io.github.blip2j.langchain4j.Blip2StreamingChatModel;
import java.util.function.Supplier;

/**
 * Makes the builders that {@link Blip2StreamingChatModel#builder} gives; found by {@code
 * ServiceLoader}.
 */
public interface Blip2StreamingChatModelBuilderFactory
    extends Supplier<Blip2ChatModelBuilder<Blip2StreamingChatModel>> {}
