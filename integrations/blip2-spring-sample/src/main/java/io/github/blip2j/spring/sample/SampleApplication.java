package io.github.blip2j.spring.sample;

import io.github.blip2j.demo.DemoModel;
import io.github.blip2j.spring.Blip2BuilderCustomizer;
import org.springframework.ai.chat.client.ChatClient;
import org.springframework.ai.chat.model.ChatModel;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.context.annotation.Bean;

/** Serves the built-in model, or the one that {@code blip2.model} names. */
@SpringBootApplication(proxyBeanMethods = false)
public class SampleApplication {
  /** For Spring. */
  public SampleApplication() {}

  /**
   * Starts it.
   *
   * @param args Spring Boot's, such as {@code --blip2.model=Salesforce/blip2-opt-2.7b}
   */
  public static void main(String[] args) {
    SpringApplication.run(SampleApplication.class, args);
  }

  @Bean
  Blip2BuilderCustomizer builtInModel(@Value("${blip2.model:}") String named) {
    return builder -> {
      if (named.isEmpty()) {
        builder.model(DemoModel.captioner());
      }
    };
  }

  @Bean
  ChatClient chatClient(ChatModel model) {
    return ChatClient.create(model);
  }
}
