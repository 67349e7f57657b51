package io.github.blip2j.spring.ai;

import io.github.blip2j.chat.ChatTemplate;
import io.github.blip2j.image.ImageAddresses;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * How Spring AI sees the model.
 *
 * @param modelName the name in requests, responses and observations
 * @param template how a conversation becomes a prompt: blog or short-answer
 * @param maxTokens most tokens of an answer whose request says nothing of it
 * @param imageFolder a folder whose files messages may name by file: addresses; without it none
 */
@ConfigurationProperties("blip2.ai")
public record Blip2AiProperties(
    @DefaultValue("blip2") String modelName,
    @DefaultValue("blog") String template,
    @DefaultValue("64") int maxTokens,
    @Nullable Path imageFolder) {
  /** The settings that they mean. */
  Blip2ChatSettings settings() {
    Blip2ChatSettings settings =
        Blip2ChatSettings.defaults()
            .withModelName(modelName)
            .withTemplate(ChatTemplate.named(template));
    Blip2ChatSettings limited =
        settings.withGeneration(settings.generation().withMaxNewTokens(maxTokens));
    return imageFolder == null
        ? limited
        : limited.withAddresses(ImageAddresses.dataOnly().withFilesIn(imageFolder));
  }
}
