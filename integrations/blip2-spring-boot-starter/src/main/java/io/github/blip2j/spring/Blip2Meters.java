package io.github.blip2j.spring;

import io.github.blip2j.generation.GeneratedText;
import io.github.blip2j.generation.InferenceListener;
import io.github.blip2j.generation.ModelStage;
import io.github.blip2j.generation.StageTimings;
import io.micrometer.core.instrument.DistributionSummary;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;
import java.util.function.Consumer;
import org.springframework.beans.factory.ObjectProvider;

/**
 * What the model does, as meters: {@code blip2.stage} by stage, {@code blip2.queue}, {@code
 * blip2.tokens} and {@code blip2.texts} by reason, {@code blip2.tokens.per.second}, {@code
 * blip2.refused}, and OpenTelemetry's names for a server of generative models, {@code
 * gen_ai.server.request.duration}, {@code gen_ai.server.time_to_first_token} and {@code
 * gen_ai.server.time_per_output_token}. Safe for many threads.
 *
 * <p>The registry is asked for with the first event: it may be made after the model.
 */
final class Blip2Meters implements InferenceListener {
  private static final Tags GEN_AI =
      Tags.of("gen_ai.provider.name", "blip2", "gen_ai.operation.name", "generate_content");

  private final ObjectProvider<MeterRegistry> registry;

  Blip2Meters(ObjectProvider<MeterRegistry> registry) {
    this.registry = registry;
  }

  private void with(Consumer<MeterRegistry> use) {
    registry.ifAvailable(use);
  }

  @Override
  public void ran(ModelStage stage, Duration took) {
    with(
        meters ->
            Timer.builder("blip2.stage")
                .description("Time of one pass of a stage")
                .tag("stage", stage.label())
                .register(meters)
                .record(took));
  }

  @Override
  public void queued(Duration waited) {
    with(
        meters ->
            Timer.builder("blip2.queue")
                .description("Time that a request waited for its turn")
                .register(meters)
                .record(waited));
  }

  @Override
  public void wrote(GeneratedText text) {
    with(meters -> wrote(text, meters));
  }

  private static void wrote(GeneratedText text, MeterRegistry meters) {
    int tokens = text.tokenIds().size();
    Tags reason = Tags.of("reason", text.finishReason().label());
    meters.counter("blip2.texts", reason).increment();
    meters.counter("blip2.tokens", reason).increment(tokens);
    StageTimings timings = text.timings();
    Timer.builder("gen_ai.server.request.duration")
        .tags(GEN_AI)
        .register(meters)
        .record(timings.total());
    boolean streamed = timings.prefill().isZero(); // then it is part of decode
    if (!streamed) {
      Timer.builder("gen_ai.server.time_to_first_token")
          .tags(GEN_AI)
          .register(meters)
          .record(timings.total().minus(timings.decode()));
    }
    if (tokens > 1 && !timings.decode().isZero()) {
      double seconds = timings.decode().toNanos() / 1e9;
      int decoded = streamed ? tokens : tokens - 1;
      Timer.builder("gen_ai.server.time_per_output_token")
          .tags(GEN_AI)
          .register(meters)
          .record(timings.decode().dividedBy(decoded));
      DistributionSummary.builder("blip2.tokens.per.second")
          .description("Tokens of a text by the time since its first")
          .register(meters)
          .record(decoded / seconds);
    }
  }

  @Override
  public void refused() {
    with(meters -> meters.counter("blip2.refused").increment());
  }
}
