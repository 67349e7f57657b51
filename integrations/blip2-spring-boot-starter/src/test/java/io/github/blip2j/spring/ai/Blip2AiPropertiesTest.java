package io.github.blip2j.spring.ai;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.github.blip2j.Blip2;
import io.github.blip2j.chat.ChatTemplate;
import io.github.blip2j.generation.GenerationOptions;
import io.github.blip2j.spring.Demo;
import org.junit.jupiter.api.Test;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;

/** The properties of Spring AI's side, over a model that the application brings. */
class Blip2AiPropertiesTest {
  private final ApplicationContextRunner runner =
      new ApplicationContextRunner()
          .withConfiguration(AutoConfigurations.of(Blip2AiAutoConfiguration.class))
          .withBean(Blip2.class, () -> Demo.captioner().load());

  @Test
  void propertiesBecomeSettings() {
    runner
        .withPropertyValues(
            "blip2.ai.model-name=mine",
            "blip2.ai.template=short-answer",
            "blip2.ai.max-tokens=7",
            "blip2.ai.image-folder=" + Demo.file(0).resolveSibling(""))
        .run(
            context -> {
              Blip2ChatSettings settings = context.getBean(Blip2ChatSettings.class);
              assertThat(settings.modelName()).isEqualTo("mine");
              assertThat(settings.template()).isEqualTo(ChatTemplate.SHORT_ANSWER);
              assertThat(settings.generation().maxNewTokens()).isEqualTo(7);
              assertThat(settings.addresses().image(Demo.file(0).toUri())).isNotNull();
              assertThat(context.getBean(Blip2ChatModel.class).getOptions().getMaxTokens())
                  .isEqualTo(7);
            });
  }

  @Test
  void withoutPropertiesTheSettingsAreTheUsual() {
    runner.run(
        context -> {
          Blip2ChatSettings settings = context.getBean(Blip2ChatSettings.class);
          assertThat(settings.modelName()).isEqualTo("blip2");
          assertThat(settings.template()).isEqualTo(ChatTemplate.BLOG);
          assertThat(settings.generation()).isEqualTo(Blip2ChatSettings.defaults().generation());
          assertThatIllegalArgumentException()
              .isThrownBy(() -> settings.addresses().image(Demo.file(0).toUri()));
        });
  }

  @Test
  void settingsOfTheApplicationsOwnGoFirst() {
    Blip2ChatSettings own = Blip2ChatSettings.defaults().withModelName("own");
    runner
        .withBean(Blip2ChatSettings.class, () -> own)
        .run(context -> assertThat(context.getBean(Blip2ChatSettings.class)).isSameAs(own));
  }

  @Test
  void whatMakesNoSenseStopsTheApplication() {
    runner
        .withPropertyValues("blip2.ai.template=poem")
        .run(
            context ->
                assertThat(context)
                    .getFailure()
                    .hasStackTraceContaining("template (poem) must be blog or short-answer"));
    GenerationOptions several =
        GenerationOptions.builder().doSample(true).numReturnSequences(3).build();
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Blip2ChatSettings.defaults().withGeneration(several))
        .withMessageContaining("found 3");
  }

  @Test
  void withoutAModelThereIsNothing() {
    new ApplicationContextRunner()
        .withConfiguration(AutoConfigurations.of(Blip2AiAutoConfiguration.class))
        .run(context -> assertThat(context).hasNotFailed().doesNotHaveBean(Blip2ChatModel.class));
  }
}
