package io.github.blip2j.bench;

import io.github.blip2j.Blip2;
import io.github.blip2j.Blip2Builder;
import io.github.blip2j.core.Device;
import io.github.blip2j.core.Precisions;
import io.github.blip2j.files.DType;
import io.github.blip2j.generation.GeneratedText;
import io.github.blip2j.generation.GenerationOptions;
import io.github.blip2j.generation.GenerationRequest;
import io.github.blip2j.generation.StageTimings;
import io.github.blip2j.host.Host;
import io.github.blip2j.image.EncodedImage;
import io.github.blip2j.image.ImageSource;
import io.github.blip2j.spi.Backend;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.ServiceLoader;
import java.util.StringJoiner;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The steps of {@link DeviceCommand}.
 *
 * @param device that is checked
 * @param backend that runs on it
 * @param out folder for checkpoints and what is derived of them
 * @param image that is captioned
 */
record DeviceSteps(String device, String backend, Path out, Path image) {
  private static final String PROMPT = "Question: what is it? Answer:";
  private static final int TOKENS = 20;
  private static final int TOGETHER = 8;
  private static final int RUNS = 3;

  /** A checkpoint of a second, whose tokens depend on every stage. */
  private static final String SMALL =
      """
      {"model_type": "blip-2", "num_query_tokens": 8,
       "vision_config": {"hidden_size": 128, "intermediate_size": 256, "num_hidden_layers": 4,
        "num_attention_heads": 4, "image_size": 56},
       "qformer_config": {"hidden_size": 128, "intermediate_size": 256, "num_hidden_layers": 4,
        "num_attention_heads": 4, "encoder_hidden_size": 128},
       "text_config": {"hidden_size": 128, "ffn_dim": 256, "num_hidden_layers": 4,
        "num_attention_heads": 4, "vocab_size": 448, "eos_token_id": 202,
        "max_position_embeddings": 128}}
      """;

  private Blip2 load(Path model, String on, String precision) {
    Blip2Builder builder = Blip2.builder().model(model).backend(backend).device(Device.parse(on));
    return builder
        .precisions(Precisions.parse(precision))
        .cacheDirectory(out.resolve("cache"))
        .load();
  }

  /** Whether each backend can run there, and else why not. */
  String usable() {
    StringJoiner found = new StringJoiner("; ");
    for (Backend one : ServiceLoader.load(Backend.class)) {
      String why =
          one.obstacle(Device.parse(device), Host.cacheDirectory())
              .map(reason -> "not usable: " + reason)
              .orElse("usable");
      found.add(one.id() + " on " + device + " " + why);
    }
    return found.toString();
  }

  /**
   * Greedy captions and answers of a small checkpoint there and on the CPU in float32.
   *
   * @throws IllegalStateException if float32 tokens differ
   */
  String tokens(List<String> precisions) throws IOException {
    Path small = out.resolve("small");
    new RandomCheckpoint(DType.F32, 5).write(SMALL, small);
    List<List<Integer>> expected = tokens(small, "cpu", "float32");
    StringJoiner found = new StringJoiner("; ");
    for (String precision : precisions) {
      List<List<Integer>> ids = tokens(small, device, precision);
      if (precision.equals("float32") && !ids.equals(expected)) {
        throw new IllegalStateException(
            "float32 tokens: expected the CPU's, " + expected + ", found " + ids);
      }
      long equal = 0;
      for (int i = 0; i < ids.size(); i++) {
        equal += ids.get(i).equals(expected.get(i)) ? 1 : 0;
      }
      found.add(precision + " " + equal + " of " + ids.size() + " texts are the CPU's in float32");
    }
    return found.toString();
  }

  private List<List<Integer>> tokens(Path model, String on, String precision) {
    try (Blip2 blip2 = load(model, on, precision)) {
      EncodedImage encoded = blip2.encode(ImageSource.of(image));
      List<List<Integer>> ids = new ArrayList<>();
      for (@Nullable String prompt : new @Nullable String[] {null, PROMPT, "a photo of"}) {
        ids.add(text(blip2, encoded, prompt, TOKENS).tokenIds());
      }
      return ids;
    }
  }

  private static GenerationOptions exactly(int tokens) {
    return GenerationOptions.builder().maxNewTokens(tokens).minNewTokens(tokens).build();
  }

  private static GeneratedText text(
      Blip2 blip2, EncodedImage image, @Nullable String prompt, int tokens) {
    return blip2
        .generate(List.of(new GenerationRequest(image, prompt, exactly(tokens))))
        .get(0)
        .get(0);
  }

  /** Random weights of real size in 16 bits, unless they are there from another run. */
  String checkpoint(@Nullable Path config, List<Path> models) throws IOException {
    Path real = out.resolve("real");
    models.add(real);
    if (Files.exists(real.resolve("model.safetensors"))) {
      return real + " was there";
    }
    String settings =
        config == null ? RandomCheckpointCommand.Shape.OPT_2_7B.config() : Files.readString(config);
    long parameters = new RandomCheckpoint(DType.F16, 1).write(settings, real);
    return String.format(Locale.ROOT, "%s, %,d parameters in float16", real, parameters);
  }

  /**
   * Captions, a second question, and several captions together, the first of each to warm up.
   *
   * @param left seconds of the whole run
   */
  String measured(Path model, String precision, LongSupplier left) {
    StringJoiner found = new StringJoiner("; ");
    long begun = System.nanoTime();
    try (Blip2 blip2 = load(model, device, precision)) {
      found.add(said("opened in %.1f s", since(begun)));
      caption(blip2); // the first waits for what is still opening
      if (left.getAsLong() <= 0) {
        return found.add("no time is left to measure").toString();
      }
      for (int run = 0; run < RUNS; run++) {
        found.add(line(caption(blip2)));
      }
      EncodedImage encoded = blip2.encode(ImageSource.of(image));
      text(blip2, encoded, PROMPT, 5);
      begun = System.nanoTime();
      text(blip2, encoded, PROMPT, 5);
      found.add(said("second question of 5 tokens %.0f ms", 1000 * since(begun)));
      List<GenerationRequest> many =
          Collections.nCopies(TOGETHER, new GenerationRequest(encoded, null, exactly(TOKENS)));
      blip2.generate(many);
      begun = System.nanoTime();
      blip2.generate(many);
      found.add(
          said(
              "%d texts together %.1f tokens a second",
              TOGETHER, TOGETHER * TOKENS / since(begun)));
    }
    return found.toString();
  }

  private static String said(String format, Object... values) {
    return String.format(Locale.ROOT, format, values);
  }

  private GeneratedText caption(Blip2 blip2) {
    return blip2.captioner().withOptions(exactly(TOKENS)).caption(ImageSource.of(image));
  }

  private static String line(GeneratedText text) {
    StageTimings t = text.timings();
    return said(
        "caption %.0f ms: vision %.1f, Q-Former %.1f, prefill %.1f, %.2f a token, ids %s",
        millis(t.total()),
        millis(t.vision()),
        millis(t.qformer()),
        millis(t.prefill()),
        millis(t.decode()) / (TOKENS - 1),
        text.tokenIds().subList(0, 5));
  }

  private static double millis(Duration duration) {
    return duration.toNanos() / 1e6;
  }

  private static double since(long start) {
    return (System.nanoTime() - start) / 1e9;
  }
}
