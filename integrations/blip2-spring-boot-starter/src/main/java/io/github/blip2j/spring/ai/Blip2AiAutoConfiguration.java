package io.github.blip2j.spring.ai;

import io.github.blip2j.Blip2;
import io.micrometer.observation.ObservationRegistry;
import org.springframework.ai.chat.model.ChatModel;
import org.springframework.ai.model.SpringAIModelProperties;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnProperty;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.annotation.Bean;

/**
 * The model as Spring AI's. Which of them is of use depends on the checkpoint, which need not be
 * loaded yet: one that writes text answers chats, one that matches images and texts has vectors.
 */
@AutoConfiguration(
    afterName = {
      "io.github.blip2j.spring.Blip2AutoConfiguration",
      "org.springframework.boot.micrometer.observation.autoconfigure.ObservationAutoConfiguration"
    },
    beforeName =
        "org.springframework.ai.model.chat.client.autoconfigure.ChatClientAutoConfiguration")
@ConditionalOnClass(ChatModel.class)
@ConditionalOnBean(Blip2.class)
@EnableConfigurationProperties(Blip2AiProperties.class)
class Blip2AiAutoConfiguration {
  @Bean
  @ConditionalOnMissingBean
  Blip2ChatSettings blip2ChatSettings(Blip2AiProperties properties) {
    return properties.settings();
  }

  @Bean
  @ConditionalOnMissingBean
  @ConditionalOnProperty(
      name = SpringAIModelProperties.CHAT_MODEL,
      havingValue = "blip2",
      matchIfMissing = true)
  Blip2ChatModel blip2ChatModel(
      ObjectProvider<Blip2> blip2,
      Blip2ChatSettings settings,
      ObjectProvider<ObservationRegistry> observations) {
    return new Blip2ChatModel(
        blip2::getObject, settings, observations.getIfUnique(() -> ObservationRegistry.NOOP));
  }

  @Bean
  @ConditionalOnMissingBean
  @ConditionalOnProperty(
      name = SpringAIModelProperties.EMBEDDING_MODEL,
      havingValue = "blip2",
      matchIfMissing = true)
  Blip2EmbeddingModel blip2EmbeddingModel(ObjectProvider<Blip2> blip2, Blip2ChatSettings settings) {
    return new Blip2EmbeddingModel(blip2::getObject, settings);
  }

  @Bean
  @ConditionalOnMissingBean
  @ConditionalOnProperty(
      name = SpringAIModelProperties.MULTI_MODAL_EMBEDDING_MODEL,
      havingValue = "blip2",
      matchIfMissing = true)
  Blip2DocumentEmbeddingModel blip2DocumentEmbeddingModel(
      ObjectProvider<Blip2> blip2, Blip2ChatSettings settings) {
    return new Blip2DocumentEmbeddingModel(blip2::getObject, settings);
  }
}
