package io.github.blip2j.spring;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.github.blip2j.generation.FinishReason;
import io.github.blip2j.generation.GeneratedText;
import io.github.blip2j.generation.InferenceListener;
import io.github.blip2j.generation.ModelStage;
import io.github.blip2j.generation.StageTimings;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.support.StaticListableBeanFactory;

/** Made-up events, worked out by hand. */
class Blip2MetersTest {
  private final SimpleMeterRegistry registry = new SimpleMeterRegistry();
  private final Blip2Meters meters = new Blip2Meters(provider(registry));

  private static ObjectProvider<MeterRegistry> provider(MeterRegistry registry) {
    StaticListableBeanFactory beans = new StaticListableBeanFactory();
    beans.addBean("registry", registry);
    return beans.getBeanProvider(MeterRegistry.class);
  }

  private static GeneratedText text(int tokens, Duration prefill, Duration decode) {
    StageTimings timings =
        new StageTimings(
            Duration.ofMillis(10), Duration.ofMillis(200), Duration.ofMillis(5), prefill, decode);
    return new GeneratedText(
        "a dog",
        Collections.nCopies(tokens, 7),
        FinishReason.LENGTH,
        0,
        List.of(),
        List.of(),
        timings);
  }

  private double millis(String timer) {
    return registry.get(timer).timer().totalTime(TimeUnit.MILLISECONDS);
  }

  @Test
  void aWholeTextHasAFirstTokenAndLaterOnes() {
    meters.wrote(text(11, Duration.ofMillis(85), Duration.ofMillis(500)));
    assertThat(millis("gen_ai.server.request.duration")).isCloseTo(800, within(0.01));
    assertThat(millis("gen_ai.server.time_to_first_token")).isCloseTo(300, within(0.01));
    assertThat(millis("gen_ai.server.time_per_output_token")).isCloseTo(50, within(0.01));
    assertThat(registry.get("blip2.tokens.per.second").summary().totalAmount())
        .isCloseTo(20, within(0.01));
    assertThat(registry.get("blip2.tokens").tag("reason", "length").counter().count())
        .isEqualTo(11);
  }

  /** Its prefill is part of its decoding, so nobody knows when the first token came. */
  @Test
  void aStreamHasNoFirstToken() {
    meters.wrote(text(10, Duration.ZERO, Duration.ofMillis(500)));
    assertThat(registry.find("gen_ai.server.time_to_first_token").timer()).isNull();
    assertThat(millis("gen_ai.server.time_per_output_token")).isCloseTo(50, within(0.01));
  }

  @Test
  void aTextOfOneTokenHasNoSpeed() {
    meters.wrote(text(1, Duration.ofMillis(85), Duration.ZERO));
    meters.wrote(text(0, Duration.ZERO, Duration.ZERO));
    assertThat(registry.find("blip2.tokens.per.second").summary()).isNull();
    assertThat(registry.get("blip2.texts").counter().count()).isEqualTo(2);
  }

  @Test
  void stagesWaitsAndRefusalsAreCounted() {
    meters.ran(ModelStage.VISION, Duration.ofMillis(3));
    meters.ran(ModelStage.VISION, Duration.ofMillis(4));
    meters.ran(ModelStage.PAIRS, Duration.ofMillis(5));
    meters.queued(Duration.ofMillis(6));
    meters.refused();
    assertThat(registry.get("blip2.stage").tag("stage", "vision").timer().count()).isEqualTo(2);
    assertThat(registry.get("blip2.stage").tag("stage", "pairs").timer().count()).isEqualTo(1);
    assertThat(millis("blip2.queue")).isCloseTo(6, within(0.01));
    assertThat(registry.get("blip2.refused").counter().count()).isEqualTo(1);
  }

  @Test
  void withoutARegistryNothingHappens() {
    Blip2Meters none =
        new Blip2Meters(new StaticListableBeanFactory().getBeanProvider(MeterRegistry.class));
    none.ran(ModelStage.TEXT, Duration.ZERO);
    none.queued(Duration.ZERO);
    none.wrote(text(3, Duration.ZERO, Duration.ofMillis(1)));
    none.refused();
    assertThat(registry.getMeters()).isEmpty();
  }

  @Test
  void allListenersAreToldInTheirOrder() {
    List<String> told = new ArrayList<>();
    InferenceListener all = new AllListeners(List.of(noting("one", told), noting("two", told)));
    all.ran(ModelStage.TEXT, Duration.ZERO);
    all.queued(Duration.ZERO);
    all.wrote(text(1, Duration.ZERO, Duration.ZERO));
    all.refused();
    assertThat(told)
        .containsExactly(
            "one ran",
            "two ran",
            "one queued",
            "two queued",
            "one wrote",
            "two wrote",
            "one refused",
            "two refused");
  }

  private static InferenceListener noting(String name, List<String> told) {
    return new InferenceListener() {
      @Override
      public void ran(ModelStage stage, Duration took) {
        told.add(name + " ran");
      }

      @Override
      public void queued(Duration waited) {
        told.add(name + " queued");
      }

      @Override
      public void wrote(GeneratedText text) {
        told.add(name + " wrote");
      }

      @Override
      public void refused() {
        told.add(name + " refused");
      }
    };
  }
}
