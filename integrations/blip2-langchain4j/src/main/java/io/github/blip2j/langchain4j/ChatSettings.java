package io.github.blip2j.langchain4j;

import dev.langchain4j.model.chat.listener.ChatModelListener;
import dev.langchain4j.model.chat.request.ChatRequestParameters;
import io.github.blip2j.Blip2;
import io.github.blip2j.chat.ChatTemplate;
import io.github.blip2j.generation.GenerationOptions;
import io.github.blip2j.image.ImageAddresses;
import io.github.blip2j.image.ImageInput;
import java.util.List;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/**
 * What a chat model was built with.
 *
 * @param blip2 borrowed
 * @param modelName as requests and responses have it
 * @param parameters of requests that say nothing
 * @param generation where parameters say nothing
 * @param template how turns become a prompt
 * @param addresses which image addresses are followed
 * @param image of requests without one, or null
 * @param listeners are told of every request
 * @param executor where streams are written
 */
record ChatSettings(
    Blip2 blip2,
    String modelName,
    ChatRequestParameters parameters,
    GenerationOptions generation,
    ChatTemplate template,
    ImageAddresses addresses,
    @Nullable ImageInput image,
    List<ChatModelListener> listeners,
    Executor executor) {}
