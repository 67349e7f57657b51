package io.github.blip2j.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.github.blip2j.Blip2;
import io.github.blip2j.checkpoint.Checkpoint;
import io.github.blip2j.core.Device;
import io.github.blip2j.core.LoadListener;
import io.github.blip2j.core.WeightLayout;
import io.github.blip2j.family.LanguageProgram;
import io.github.blip2j.family.ModelProgram;
import io.github.blip2j.family.TextConfig;
import io.github.blip2j.files.WeightTensor;
import io.github.blip2j.session.Lengths;
import io.github.blip2j.spi.Backend;
import io.github.blip2j.spi.Execution;
import io.github.blip2j.spi.LanguageSession;
import io.github.blip2j.spi.LoadRequest;
import io.github.blip2j.spi.LoadedModel;
import io.github.blip2j.stage.HostTensor;
import io.github.blip2j.stage.LayerTaps;
import io.github.blip2j.stage.Stage;
import io.github.blip2j.stage.StepPlan;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What linear layers are given, heard in one pass over a whole text: the head's input at each
 * position gives the logits that a session gives there, so every layer beneath was given what it is
 * given in steps.
 */
public abstract class LayerTapsContract {
  private static final int QUERIES = 3;
  private static final int[] WRITTEN = {7, 11, 5};

  /**
   * The backend.
   *
   * @return one that runs on a processor
   */
  protected abstract Backend backend();

  @ParameterizedTest
  @ValueSource(
      strings = {
        "tiny-opt",
        "tiny-t5",
        "tiny-blip2-llama",
        "tiny-blip2-qwen2",
        "tiny-mblip-bloomz"
      })
  void theHeadHearsWhatStepsComputeLogitsOf(String name) {
    Checkpoint checkpoint = Checkpoint.open(Fixtures.directory(name));
    LanguageProgram language = checkpoint.program().language();
    List<WeightTensor> linear = language.decoder().weights().linear();
    WeightTensor head = linear.get(linear.size() - 1);
    LayerTaps taps = LayerTaps.of(language.encoder(), language.decoder(), names(language));
    int at =
        IntStream.range(0, taps.taps().size())
            .filter(i -> taps.taps().get(i).layers().contains(head.name()))
            .findFirst()
            .orElseThrow();
    try (LoadedModel model = loaded(checkpoint, taps)) {
      TextConfig config = language.config();
      float[] features = features(config);
      float[][] heard = model.run(LayerTaps.NAME, inputs(language, features));
      assertThat(heard.length).isEqualTo(taps.taps().size());
      for (int i = 0; i < heard.length; i++) {
        assertThat(heard[i].length % taps.taps().get(i).width()).isZero();
      }
      List<float[]> expected = steps(model, config, features);
      int width = taps.taps().get(at).width();
      int positions = heard[at].length / width;
      for (int i = 0; i < expected.size(); i++) {
        int position = positions - expected.size() + i;
        float[] vector = Arrays.copyOfRange(heard[at], position * width, (position + 1) * width);
        requireLogits(head, vector, expected.get(i));
      }
    }
  }

  private static Set<String> names(LanguageProgram language) {
    return language.weights().names();
  }

  private LoadedModel loaded(Checkpoint checkpoint, LayerTaps taps) {
    Stage stage = taps.stage();
    ModelProgram listened = checkpoint.program().with(new ModelProgram.Occasional(stage, stage));
    Execution execution = new Execution(Device.CPU, 1, WeightLayout.MAPPED);
    return backend()
        .load(
            new LoadRequest(
                checkpoint, listened, execution, Blip2.defaultCacheDirectory(), LoadListener.NONE));
  }

  private static float[] features(TextConfig config) {
    Random random = new Random(4);
    float[] features = new float[QUERIES * config.hiddenSize()];
    for (int i = 0; i < features.length; i++) {
      features[i] = (float) random.nextGaussian();
    }
    return features;
  }

  private static int[] prompt(TextConfig config) {
    return new int[] {config.startToken(), 9};
  }

  private static int[] behind(int[] start) {
    int[] all = Arrays.copyOf(start, start.length + WRITTEN.length);
    System.arraycopy(WRITTEN, 0, all, start.length, WRITTEN.length);
    return all;
  }

  private static Map<String, HostTensor> inputs(LanguageProgram language, float[] features) {
    TextConfig config = language.config();
    float[] none = {};
    if (!config.encoderDecoder()) {
      StepPlan step = plan(config, features, behind(prompt(config)));
      return LayerTaps.inputs(Map.of(), language.decoderInputs(step, features), step.span());
    }
    StepPlan read = plan(config, features, prompt(config));
    StepPlan step = plan(config, none, behind(new int[] {config.decoderStartToken()}));
    return LayerTaps.inputs(
        language.encoderInputs(read, features), language.decoderInputs(step, none), step.span());
  }

  private static StepPlan plan(TextConfig config, float[] features, int[] tokens) {
    int span = features.length / config.hiddenSize() + tokens.length;
    return new Lengths(config, 1, span)
        .plan(features.length, new int[][] {tokens}, config.vocabularySize());
  }

  /** Logits behind the prompt and behind each token that is written. */
  private static List<float[]> steps(LoadedModel model, TextConfig config, float[] features) {
    List<float[]> all = new ArrayList<>();
    float[] logits = new float[config.vocabularySize()];
    try (LanguageSession session = model.language().open(1, 16)) {
      session.append(features, new int[][] {prompt(config)}, logits);
      all.add(logits.clone());
      for (int token : WRITTEN) {
        session.append(new float[0], new int[][] {{token}}, logits);
        all.add(logits.clone());
      }
    }
    return all;
  }

  private static void requireLogits(WeightTensor head, float[] vector, float[] expected) {
    float[] weights = head.floats();
    for (int row = 0; row < expected.length; row++) {
      double sum = 0;
      for (int k = 0; k < vector.length; k++) {
        sum += (double) weights[row * vector.length + k] * vector[k];
      }
      assertThat(sum).as("logit %d", row).isCloseTo(expected[row], within(2e-4));
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"tiny-opt", "tiny-t5"})
  void layersBehindOneNormShareATap(String name) {
    LanguageProgram language = Checkpoint.open(Fixtures.directory(name)).program().language();
    LayerTaps all = LayerTaps.of(language.encoder(), language.decoder(), names(language));
    List<String> tapped = all.taps().stream().flatMap(t -> t.layers().stream()).toList();
    assertThat(tapped)
        .doesNotHaveDuplicates()
        .containsAll(language.weights().linear().stream().map(WeightTensor::name).toList());
    assertThat(all.taps()).hasSizeLessThan(tapped.size());
    LayerTaps none = LayerTaps.of(language.encoder(), language.decoder(), Set.of("x"));
    assertThat(none.taps()).isEmpty();
    String one = tapped.get(0);
    LayerTaps some = LayerTaps.of(Optional.empty(), language.decoder(), Set.of(one, "x"));
    assertThat(some.stage().outputs()).hasSameSizeAs(some.taps());
  }
}
