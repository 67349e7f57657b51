package io.github.blip2j;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.blip2j.core.BackendUnavailableException;
import io.github.blip2j.core.CheckpointException;
import io.github.blip2j.core.Device;
import io.github.blip2j.core.UnreadableImageException;
import io.github.blip2j.generation.FinishReason;
import io.github.blip2j.generation.GeneratedText;
import io.github.blip2j.generation.GenerationOptions;
import io.github.blip2j.generation.GenerationRequest;
import io.github.blip2j.generation.StageTimings;
import io.github.blip2j.image.ImageSource;
import io.github.blip2j.testkit.Fixtures;
import io.github.blip2j.testkit.Golden;
import io.github.blip2j.testkit.TinyOpt;
import java.awt.image.BufferedImage;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/** The facade, over the plain-array backend that this module's tests install. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class Blip2Test {
  private static final Path OPT = Fixtures.directory("tiny-opt");
  private final Golden golden = new Golden(OPT);
  private Blip2 blip2;

  @BeforeAll
  void load() {
    blip2 = Blip2.load(OPT);
  }

  @AfterAll
  void close() {
    blip2.close();
  }

  private static ImageSource image(String name) {
    return ImageSource.of(Fixtures.image(name));
  }

  private static void checkResult(Golden.Case expected, GeneratedText found) {
    assertThat(found.tokenIds())
        .as("%s", expected)
        .isEqualTo(expected.expected(0, List.of(TinyOpt.END)));
    assertThat(found.text()).isEqualTo(expected.texts().get(0));
  }

  @Test
  void captionsAreTheReferences() {
    List<Golden.Case> cases = golden.cases("caption");
    for (Golden.Case c : cases) {
      checkResult(c, blip2.caption(image(c.images().get(0))));
    }
    List<GeneratedText> all =
        blip2.captioner().caption(cases.stream().map(c -> image(c.images().get(0))).toList());
    assertThat(all).hasSize(11);
    for (int i = 0; i < all.size(); i++) {
      checkResult(cases.get(i), all.get(i));
    }
    assertThat(blip2.captioner().caption(List.of())).isEmpty();
  }

  @Test
  void promptsAndQuestionsAreTheReferences() {
    for (Golden.Case c : golden.cases("greedy")) {
      String prompt = java.util.Objects.requireNonNull(c.prompts()).get(0);
      checkResult(c, blip2.caption(image(c.images().get(0)), prompt));
    }
    Golden.Case asked = golden.cases("greedy").get(1);
    checkResult(asked, blip2.ask(image(asked.images().get(0)), "how many cats are there?"));
    GenerationOptions longer = GenerationOptions.builder().maxNewTokens(60).minNewTokens(0).build();
    checkResult(
        golden.cases("greedy-long").get(1),
        blip2
            .vqa()
            .withOptions(longer)
            .withTemplate("Question: {} Answer:")
            .ask(image(asked.images().get(0)), "how many cats are there?"));
  }

  @Test
  void resultsSayWhyTheyEndedAndHowLongTheyTook() {
    GeneratedText text =
        blip2
            .captioner()
            .withOptions(GenerationOptions.builder().maxNewTokens(3).minNewTokens(0).build())
            .caption(image("tiny.png"));
    assertThat(text.tokenIds()).hasSize(3);
    assertThat(text.finishReason()).isEqualTo(FinishReason.LENGTH);
    assertThat(text.finishReason().label()).isEqualTo("length");
    StageTimings t = text.timings();
    assertThat(t.vision()).isPositive();
    assertThat(t.prefill()).isPositive();
    assertThat(t.total())
        .isEqualTo(
            t.preprocessing()
                .plus(t.vision())
                .plus(t.qformer())
                .plus(t.prefill())
                .plus(t.decode()));
  }

  @Test
  void aPromptCannotInjectImageFeatures() {
    Golden.Case c = golden.cases("greedy").get(0);
    ImageSource source = image(c.images().get(0));
    GeneratedText plain = blip2.caption(source, "<image>");
    GeneratedText spelled = blip2.caption(source, "<image><image><image><image><image><image>");
    assertThat(plain.tokenIds()).isNotEmpty();
    assertThat(spelled.tokenIds()).isNotEmpty();
    // Six placeholders would be the features again; read as letters they are a longer prompt.
    checkResult(c, blip2.caption(source, "a photo of"));
  }

  @Test
  void anyKindOfImageIsTaken() {
    BufferedImage square = new BufferedImage(1, 1, BufferedImage.TYPE_INT_RGB);
    assertThat(blip2.caption(ImageSource.of(square)).tokenIds()).isNotEmpty();
  }

  @Test
  void badImagesAreOurErrors() {
    assertThatThrownBy(() -> blip2.caption(ImageSource.of(new byte[0])))
        .isInstanceOf(UnreadableImageException.class);
    assertThatThrownBy(
            () ->
                blip2.captioner().caption(List.of(image("tiny.png"), ImageSource.of(new byte[9]))))
        .isInstanceOf(UnreadableImageException.class);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> blip2.caption(image("tiny.png"), "word ".repeat(200)))
        .withMessageContaining(TinyOpt.POSITIONS + " positions");
  }

  @Test
  void templatesNeedOneHole() {
    for (String template : new String[] {"", "Question:", "{} and {}"}) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> blip2.vqa().withTemplate(template))
          .withMessageContaining("exactly one {}");
    }
  }

  @Test
  void manyThreadsShareOneModel() throws Exception {
    List<Golden.Case> cases = golden.cases("caption");
    ExecutorService pool = Executors.newFixedThreadPool(4);
    try {
      List<Future<GeneratedText>> results = new ArrayList<>();
      for (Golden.Case c : cases) {
        results.add(pool.submit(() -> blip2.caption(image(c.images().get(0)))));
      }
      for (int i = 0; i < cases.size(); i++) {
        checkResult(cases.get(i), results.get(i).get());
      }
    } finally {
      pool.shutdownNow();
    }
  }

  @Test
  void loadingTellsItsProgressAndMayBeStopped() {
    List<String> told = new ArrayList<>();
    Blip2 own =
        Blip2.builder()
            .model(OPT)
            .listener((stage, done, total) -> told.add(stage + " " + done + "/" + total))
            .load();
    assertThat(own.backend()).isEqualTo("arrays");
    assertThat(own.device()).isEqualTo(Device.CPU);
    own.close();
    assertThat(told).containsExactly("arrays 1/1");
    assertThatThrownBy(
            () ->
                Blip2.builder()
                    .model(OPT)
                    .listener(
                        (stage, done, total) -> {
                          throw new IllegalStateException("stop");
                        })
                    .load())
        .hasMessage("stop");
  }

  @Test
  void buildersNameWhatIsMissing() {
    assertThatIllegalStateException().isThrownBy(() -> Blip2.builder().load());
    assertThatIllegalArgumentException().isThrownBy(() -> Blip2.builder().threads(0));
    assertThatThrownBy(() -> Blip2.load("no/such"))
        .isInstanceOf(CheckpointException.class)
        .hasMessageContaining("no/such");
    assertThatThrownBy(() -> Blip2.builder().model(OPT).backend("none").load())
        .isInstanceOf(BackendUnavailableException.class)
        .hasMessageContaining("installed: [arrays]");
    assertThatThrownBy(
            () -> Blip2.builder().model(OPT).device(new Device(Device.Type.CUDA, 0)).load())
        .isInstanceOf(BackendUnavailableException.class)
        .hasMessageContaining("arrays are on cpu");
  }

  @Test
  void closingRefusesLaterCalls() {
    Blip2 own = Blip2.load(OPT);
    own.close();
    own.close();
    assertThatIllegalStateException()
        .isThrownBy(() -> own.caption(image("tiny.png")))
        .withMessageContaining("has been closed");
  }

  @Test
  void equalSourcesOfOneCallAreEncodedOnce() {
    try (Blip2 remembering = Blip2.builder().model(OPT).imageCache(1 << 20).load()) {
      GenerationOptions options = GenerationOptions.defaults();
      List<List<GeneratedText>> texts =
          remembering.generate(
              List.of(
                  new GenerationRequest(image("photo.jpg"), null, options),
                  new GenerationRequest(image("photo.jpg"), "a photo of", options),
                  new GenerationRequest(image("tiny.png"), null, options)));
      assertThat(remembering.imageCacheStatistics().misses()).isEqualTo(2);
      assertThat(texts.get(0).get(0).tokenIds())
          .isEqualTo(blip2.caption(image("photo.jpg")).tokenIds());
      assertThat(texts.get(1).get(0).tokenIds())
          .isEqualTo(blip2.caption(image("photo.jpg"), "a photo of").tokenIds());
      assertThat(texts.get(2).get(0).tokenIds())
          .isEqualTo(blip2.caption(image("tiny.png")).tokenIds());
    }
  }
}
