package io.github.blip2j.spring;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.blip2j.Blip2;
import io.github.blip2j.demo.DemoModel;
import io.github.blip2j.generation.GeneratedText;
import io.github.blip2j.generation.GenerationOptions;
import io.github.blip2j.generation.GenerationRequest;
import io.github.blip2j.generation.InferenceListener;
import io.github.blip2j.spring.ai.Blip2ChatModel;
import io.github.blip2j.spring.ai.Blip2DocumentEmbeddingModel;
import io.github.blip2j.spring.ai.Blip2EmbeddingModel;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.springframework.ai.chat.messages.UserMessage;
import org.springframework.ai.chat.model.ChatModel;
import org.springframework.ai.content.Media;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.context.annotation.ImportCandidates;
import org.springframework.boot.health.contributor.Health;
import org.springframework.boot.health.contributor.HealthIndicator;
import org.springframework.boot.health.contributor.Status;
import org.springframework.boot.micrometer.metrics.autoconfigure.MetricsAutoConfiguration;
import org.springframework.boot.test.context.FilteredClassLoader;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.io.FileSystemResource;
import org.springframework.util.MimeTypeUtils;

/** What an application gets, by what it has on its class path and says in its properties. */
class Blip2AutoConfigurationTest {
  private final ApplicationContextRunner runner =
      new ApplicationContextRunner()
          .withConfiguration(AutoConfigurations.of(ours()))
          .withPropertyValues("blip2.model=" + DemoModel.captioner(), "blip2.backend=onnx");

  private final ApplicationContextRunner metered =
      runner
          .withConfiguration(AutoConfigurations.of(MetricsAutoConfiguration.class))
          .withUserConfiguration(Meters.class);

  /** Those that Boot finds in the jar. */
  private static Class<?>[] ours() {
    List<Class<?>> found = new ArrayList<>();
    for (String name : ImportCandidates.load(AutoConfiguration.class, null)) {
      if (name.startsWith("io.github.blip2j")) {
        try {
          found.add(Class.forName(name));
        } catch (ClassNotFoundException e) {
          throw new IllegalStateException(e);
        }
      }
    }
    assertThat(found).hasSize(2);
    return found.toArray(Class<?>[]::new);
  }

  @Configuration(proxyBeanMethods = false)
  static class Meters {
    @Bean
    MeterRegistry registry() {
      return new SimpleMeterRegistry();
    }
  }

  @Configuration(proxyBeanMethods = false)
  static class Listening {
    final List<GeneratedText> texts = new ArrayList<>();

    @Bean
    InferenceListener listener() {
      return new InferenceListener() {
        @Override
        public void wrote(GeneratedText text) {
          texts.add(text);
        }
      };
    }
  }

  private static Health health(HealthIndicator indicator) {
    return Objects.requireNonNull(indicator.health());
  }

  @Test
  void theModelIsABeanThatTheContextCloses() {
    AtomicReference<Blip2> seen = new AtomicReference<>();
    runner.run(
        context -> {
          Blip2 blip2 = context.getBean(Blip2.class);
          assertThat(blip2.caption(Demo.image(0)).text()).isNotBlank();
          assertThat(blip2.caption(Demo.image(0)).text()).isNotBlank();
          assertThat(blip2.imageCacheStatistics().hits()).as("the cache is on").isPositive();
          assertThat(context).hasSingleBean(Blip2ChatModel.class);
          assertThat(context).hasSingleBean(Blip2EmbeddingModel.class);
          assertThat(context).hasSingleBean(Blip2DocumentEmbeddingModel.class);
          seen.set(blip2);
        });
    assertThatThrownBy(() -> Objects.requireNonNull(seen.get()).caption(Demo.image(0)))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("closed");
  }

  @Test
  void propertiesReachTheModel() {
    runner
        .withPropertyValues(
            "blip2.image-cache=0",
            "blip2.concurrency.rows=0",
            "blip2.precision=float32",
            "blip2.threads=1",
            "blip2.device=cpu",
            "blip2.prefix-cache=0B")
        .run(
            context -> {
              Blip2 blip2 = context.getBean(Blip2.class);
              blip2.caption(blip2.encode(Demo.image(0)));
              blip2.caption(Demo.image(0));
              assertThat(blip2.imageCacheStatistics().entries()).isZero();
              assertThat(blip2.prefixCacheStatistics().entries()).isZero();
            });
    for (String wrong :
        List.of("blip2.device=gpu7", "blip2.precision=int3", "blip2.concurrency.waiting=-1")) {
      runner.withPropertyValues(wrong).run(context -> assertThat(context).hasFailed());
    }
  }

  @Test
  void aLazyModelIsLoadedByItsFirstUse() {
    metered
        .withPropertyValues("blip2.load=lazy")
        .run(
            context -> {
              HealthIndicator health = context.getBean(HealthIndicator.class);
              assertThat(health(health).getStatus()).isEqualTo(Status.UNKNOWN);
              assertThat(context.getBean(MeterRegistry.class).find("blip2.cache.gets").meters())
                  .isNotEmpty();
              assertThat(context.getBeanFactory().containsSingleton("blip2")).isFalse();
              Media image =
                  new Media(MimeTypeUtils.IMAGE_PNG, new FileSystemResource(Demo.file(0)));
              UserMessage message = UserMessage.builder().text("").media(image).build();
              assertThat(context.getBean(ChatModel.class).call(message)).isNotBlank();
              assertThat(context.getBeanFactory().containsSingleton("blip2")).isTrue();
              assertThat(health(health).getStatus()).isEqualTo(Status.UP);
            });
  }

  @Test
  void healthTellsWhatRunsAndThatItIsClosed() {
    runner.run(
        context -> {
          HealthIndicator indicator = context.getBean(HealthIndicator.class);
          Health health = health(indicator);
          Blip2 blip2 = context.getBean(Blip2.class);
          assertThat(health.getStatus()).isEqualTo(Status.UP);
          assertThat(health.getDetails())
              .containsEntry("backend", "onnx")
              .containsEntry("device", "cpu")
              .containsEntry("checkpoint", blip2.checkpoint());
          blip2.close();
          assertThat(health(indicator).getStatus()).isEqualTo(Status.DOWN);
        });
  }

  @Test
  void whatTheModelDoesIsMeasured() {
    metered
        .withUserConfiguration(Listening.class)
        .run(
            context -> {
              GeneratedText text = context.getBean(Blip2.class).caption(Demo.image(0));
              MeterRegistry meters = context.getBean(MeterRegistry.class);
              for (String stage : List.of("vision", "qformer", "prefill", "decode")) {
                assertThat(meters.get("blip2.stage").tag("stage", stage).timer().count())
                    .as(stage)
                    .isPositive();
              }
              assertThat(meters.get("blip2.tokens").tag("reason", "eos").counter().count())
                  .isEqualTo(text.tokenIds().size());
              assertThat(meters.get("blip2.texts").counter().count()).isEqualTo(1);
              assertThat(meters.get("blip2.queue").timer().count()).isEqualTo(1);
              assertThat(meters.get("blip2.tokens.per.second").summary().mean()).isPositive();
              assertThat(meters.get("gen_ai.server.request.duration").timer().count()).isEqualTo(1);
              assertThat(meters.get("gen_ai.server.time_to_first_token").timer().count())
                  .isEqualTo(1);
              assertThat(
                      meters
                          .get("blip2.cache.gets")
                          .tags("cache", "image", "result", "miss")
                          .functionCounter()
                          .count())
                  .isEqualTo(1);
              assertThat(context.getBean(Listening.class).texts)
                  .as("an application's own listener is told beside the meters")
                  .containsExactly(text);
            });
  }

  /** A stream's prefill and its reader's time are part of its decoding. */
  @Test
  void aStreamHasNoTimeOfItsFirstToken() {
    metered.run(
        context -> {
          GenerationRequest request =
              new GenerationRequest(Demo.image(0), null, GenerationOptions.defaults());
          context.getBean(Blip2.class).stream(request, piece -> {});
          MeterRegistry meters = context.getBean(MeterRegistry.class);
          assertThat(meters.get("gen_ai.server.request.duration").timer().count()).isEqualTo(1);
          assertThat(meters.get("gen_ai.server.time_per_output_token").timer().count())
              .isEqualTo(1);
          assertThat(meters.find("gen_ai.server.time_to_first_token").timer()).isNull();
        });
  }

  @Test
  void withoutTheOtherLibrariesThereIsTheModelAlone() {
    runner
        .withClassLoader(
            new FilteredClassLoader(
                "org.springframework.ai", "io.micrometer", "org.springframework.boot.health"))
        .run(
            context -> {
              assertThat(context).hasNotFailed().hasSingleBean(Blip2.class);
              assertThat(context).doesNotHaveBean(HealthIndicator.class);
              assertThat(context.getBean(Blip2.class).caption(Demo.image(1)).text()).isNotBlank();
            });
  }

  @Test
  void anApplicationsOwnBeansAndSwitchesGoFirst() {
    try (Blip2 own = Demo.captioner().load()) {
      runner
          .withBean(Blip2.class, () -> own)
          .run(context -> assertThat(context.getBean(Blip2.class)).isSameAs(own));
    }
    runner
        .withPropertyValues("blip2.enabled=false")
        .run(
            context -> {
              assertThat(context).hasNotFailed().doesNotHaveBean(Blip2.class);
              assertThat(context).doesNotHaveBean(ChatModel.class);
            });
    runner
        .withPropertyValues("spring.ai.model.chat=openai", "blip2.load=lazy")
        .run(context -> assertThat(context).doesNotHaveBean(ChatModel.class));
  }

  @Test
  void aCustomizerNamesTheModelWhereNoPropertyDoes() {
    ApplicationContextRunner bare =
        new ApplicationContextRunner().withConfiguration(AutoConfigurations.of(ours()));
    bare.run(
        context ->
            assertThat(context)
                .getFailure()
                .rootCause()
                .hasMessageContaining("model must be named"));
    bare.run(
        context -> assertThat(context).getFailure().hasStackTraceContaining("blip2.enabled=false"));
    bare.withBean(
            Blip2BuilderCustomizer.class, () -> builder -> builder.model(DemoModel.captioner()))
        .run(context -> assertThat(context).hasSingleBean(Blip2.class));
  }
}
