package io.github.blip2j.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.blip2j.Blip2;
import io.github.blip2j.Blip2Builder;
import io.github.blip2j.checkpoint.Checkpoint;
import io.github.blip2j.core.BackendUnavailableException;
import io.github.blip2j.core.Device;
import io.github.blip2j.core.LoadListener;
import io.github.blip2j.core.Precision;
import io.github.blip2j.core.Precisions;
import io.github.blip2j.core.WeightLayout;
import io.github.blip2j.generation.GeneratedText;
import io.github.blip2j.generation.GenerationOptions;
import io.github.blip2j.image.ImageSource;
import io.github.blip2j.internal.decoding.Prompt;
import io.github.blip2j.spi.Backend;
import io.github.blip2j.spi.Execution;
import io.github.blip2j.spi.LanguageSession;
import io.github.blip2j.spi.LoadRequest;
import io.github.blip2j.spi.LoadedModel;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * What a backend's lower precisions must give: each stage as near to the reference as the bits
 * allow. The fixtures' layers are narrow, so a rounding error is large beside their sums; what is
 * computed wrong is further off by far. Demands: a precision beside float32.
 */
public abstract class PrecisionContract {
  /** Largest error of a stage, relative to the largest element. */
  private static final Map<Precision, Double> NEAR =
      Map.of(
          Precision.FLOAT16, 5e-3,
          Precision.BFLOAT16, 6e-2,
          Precision.INT8, 0.12,
          Precision.INT8_WEIGHTS, 0.05,
          Precision.INT4, 0.4,
          Precision.INT4_BLOCK32, 0.4);

  private static final double RELATIVES_SLACK = 1.75;

  /**
   * Of how this is multiplied with an adapter: sums of random products have longer tails than the
   * weights that they are added to, and the largest weight of a block sets the step of all.
   */
  private static final double ADAPTED = 1.25;

  /**
   * Whose weights are stored in 16 bits, or stand for such numbers: in 16 bits they may lose
   * nothing, and where a processor also adds in the reference's order, no result differs. Of all
   * others something must be rounded.
   */
  private static final Set<String> IN_16_BITS =
      Set.of("tiny-opt-bf16", "tiny-opt-fp16-sharded", "tiny-opt-bin-sharded", "tiny-opt-nf4");

  @TempDir Path cache;

  /** The backend under test. */
  protected abstract Backend backend();

  /** Precisions that it has on a CPU, beside float32. */
  protected abstract Set<Precision> precisions();

  private static Execution execution(Precisions precisions) {
    return new Execution(Device.CPU, 1, WeightLayout.MAPPED, precisions);
  }

  private LoadedModel load(Checkpoint checkpoint, Precisions precisions) {
    return backend()
        .load(new LoadRequest(checkpoint, execution(precisions), cache, LoadListener.NONE));
  }

  @Test
  void everyStageIsNearTheReference() {
    for (String name : names(Fixtures.WRITING_CHECKPOINTS)) {
      Checkpoint checkpoint = Fixtures.checkpoint(name, cache);
      Golden golden = new Golden(Fixtures.directory(name));
      for (Precision precision : precisions()) {
        Precisions all = new Precisions(precision, precision, precision);
        String what = name + " " + precision.label();
        try (Loaded it = new Loaded(backend(), checkpoint, golden, cache, execution(all))) {
          String source = "landscape.png";
          float[] patches = it.model.vision().encode(pixels(name, source), 1);
          check(what + " vision", golden.tensor(source + "/vision"), patches, precision);
          float[] projected =
              it.model.qformer().encode(golden.tensor(source + "/vision"), 1).projected();
          check(what + " qformer", golden.tensor(source + "/projected"), projected, precision);
          float[] logits = new float[checkpoint.config().text().vocabularySize()];
          int[][] prompt = {it.tokens("a photo of")};
          try (LanguageSession session = it.model.language().open(1, 40)) {
            session.append(golden.tensor(source + "/projected"), prompt, logits);
          }
          float[] expected = golden.tensor(source + "/prompt0/first_logits");
          check(what + " logits", expected, logits, precision);
          writes(what, it);
        }
      }
    }
  }

  @Test
  void everyStageOfARelativeIsNearTheReference() {
    for (String name : Fixtures.RELATIVES) {
      Path directory = Fixtures.directory(name);
      for (Precision precision : precisions()) {
        Execution execution = execution(Precisions.of(precision));
        String what = name + " " + precision.label();
        try (Loaded it =
            new Loaded(backend(), directory, new Golden(directory), cache, execution)) {
          String image = "landscape.png";
          checkRelative(
              what + " vision", it.golden.tensor(image + "/vision"), it.patches(image), precision);
          String read = image + (it.instructed() ? "/prompt0" : "") + "/projected";
          float[] projected = it.read(image, "a photo of").projected();
          checkRelative(what + " qformer", it.golden.tensor(read), projected, precision);
          float[] logits = new float[it.checkpoint.config().text().vocabularySize()];
          try (LanguageSession session = it.model.language().open(1, 40)) {
            session.append(it.golden.tensor(read), new int[][] {it.tokens("a photo of")}, logits);
          }
          float[] expected = it.golden.tensor(image + "/prompt0/first_logits");
          checkRelative(what + " logits", expected, logits, precision);
          writes(what, it);
        }
      }
    }
  }

  /** Writes a text, and the same one again. */
  private static void writes(String what, Loaded it) {
    List<List<Integer>> texts = new ArrayList<>();
    for (int i = 0; i < 2; i++) {
      Prompt prompt = it.prompt("tiny.png", "a photo of", GenerationOptions.defaults());
      texts.addAll(it.generate(List.of(prompt)));
    }
    assertThat(texts.get(0)).as(what).isNotEmpty().isEqualTo(texts.get(1));
  }

  /** Those, and the checkpoints in PyTorch's own files, with adapters and quantised. */
  private static List<String> names(List<String> checkpoints) {
    return Stream.concat(checkpoints.stream(), Fixtures.VARIANTS.stream()).toList();
  }

  /** The variants' are noted once. */
  private static float[] pixels(String name, String source) {
    boolean variant = Fixtures.VARIANTS.contains(name);
    Golden golden = new Golden(Fixtures.directory(variant ? Fixtures.ADAPTED : name));
    return golden.tensor(source + "/pixel_values");
  }

  /** Of how a precision's largest error is multiplied where activations are rounded too. */
  protected double slack() {
    return 1;
  }

  private void check(String what, float[] expected, float[] found, Precision precision) {
    double relative = error(expected, found);
    double near = slack() * Objects.requireNonNull(NEAR.get(precision));
    boolean adapted = Fixtures.ADAPTERS.stream().anyMatch(name -> what.startsWith(name + " "));
    assertThat(relative).as(what).isLessThan(adapted ? ADAPTED * near : near);
    boolean halves = precision == Precision.FLOAT16 || precision == Precision.BFLOAT16;
    boolean exact = halves && IN_16_BITS.stream().anyMatch(name -> what.startsWith(name + " "));
    assertThat(exact || relative > 0).as(what + ": rounds nothing").isTrue();
  }

  /** The layers of the relatives are as narrow, and there are more sums behind one another. */
  private void checkRelative(String what, float[] expected, float[] found, Precision precision) {
    double limit = RELATIVES_SLACK * slack() * Objects.requireNonNull(NEAR.get(precision));
    assertThat(error(expected, found)).as(what).isLessThan(limit);
  }

  private static double error(float[] expected, float[] found) {
    double square = 0;
    double error = 0;
    for (int i = 0; i < expected.length; i++) {
      square += Math.pow(expected[i], 2);
      error += Math.pow(expected[i] - found[i], 2);
    }
    assertThat(square).isPositive();
    return Math.sqrt(error / square);
  }

  /**
   * Through the facade: every precision, and with one of them an encoder and decoder, an adapter
   * and a relative, whose stages in all precisions are above.
   */
  @Test
  void lowPrecisionsWriteTexts() {
    precisions().forEach(precision -> writesTexts("tiny-opt", precision));
    List<Precision> turns = List.copyOf(precisions());
    List<String> others = List.of("tiny-t5", Fixtures.ADAPTERS.get(0), Fixtures.RELATIVES.get(0));
    for (int i = 0; i < others.size(); i++) {
      writesTexts(others.get(i), turns.get(i % turns.size()));
    }
  }

  private void writesTexts(String name, Precision precision) {
    boolean adapted = Fixtures.ADAPTERS.contains(name);
    Blip2Builder builder =
        Blip2.builder().model(Fixtures.directory(adapted ? Fixtures.ADAPTED : name));
    if (adapted) {
      builder.adapter(Fixtures.directory(name));
    }
    try (Blip2 blip2 =
        builder
            .backend(backend().id())
            .device(Device.CPU)
            .threads(1)
            .precision(precision)
            .cacheDirectory(cache)
            .load()) {
      ImageSource image = ImageSource.of(Fixtures.image("tiny.png"));
      GeneratedText first = blip2.caption(image, "a photo of");
      assertThat(first.tokenIds()).isNotEmpty();
      assertThat(blip2.caption(image, "a photo of").tokenIds()).isEqualTo(first.tokenIds());
    }
  }

  @Test
  void whatHasNoKernelIsRefused() {
    Checkpoint checkpoint = Checkpoint.open(Fixtures.directory("tiny-opt"));
    Set<Precision> others = EnumSet.complementOf(EnumSet.copyOf(precisions()));
    others.remove(Precision.FLOAT32);
    assertThat(others).isNotEmpty();
    for (Precision precision : others) {
      assertThatThrownBy(() -> load(checkpoint, Precisions.of(precision)).close())
          .isInstanceOf(BackendUnavailableException.class)
          .hasMessageContaining("found " + precision.label());
    }
  }
}
