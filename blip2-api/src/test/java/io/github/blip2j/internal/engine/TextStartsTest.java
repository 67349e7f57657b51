package io.github.blip2j.internal.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.blip2j.core.InferenceException;
import io.github.blip2j.family.TextConfig;
import io.github.blip2j.image.EncodedImage;
import io.github.blip2j.internal.decoding.LookaheadModel;
import io.github.blip2j.internal.decoding.Script;
import io.github.blip2j.internal.decoding.ScriptedModel;
import io.github.blip2j.internal.decoding.TextStart;
import io.github.blip2j.internal.decoding.TinyConfig;
import io.github.blip2j.internal.features.ImageFeatures;
import java.lang.ref.WeakReference;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** An image's beginning is computed once, and only where it serves. */
class TextStartsTest {
  private static final int VOCABULARY = 10;
  private static final TextConfig CONFIG = new TinyConfig(VOCABULARY, 40);
  private static final int CAPACITY = 30;
  private static final int QUERIES = 3;
  private static final long LARGE = 1 << 20;
  private static final int START = 2;
  private static final int[] PROMPT = {START, 5, 6};

  private final ScriptedModel model =
      new ScriptedModel(Script.counting(VOCABULARY, 5, 1, 0), VOCABULARY, 0);
  private final ReadImage cat = image(false);
  private final ReadImage dog = image(false);

  private static ReadImage image(boolean instructed) {
    float[] features = new float[QUERIES * TinyConfig.WIDTH];
    var origin = new ImageFeatures.Origin("of a test", "none");
    return new ReadImage(
        new EncodedImage(new ImageFeatures(origin, QUERIES, features, features, new float[0])),
        features,
        instructed);
  }

  private TextStarts starts(long mostBytes) {
    return new TextStarts(CONFIG, new LookaheadModel(model::open, CONFIG), mostBytes);
  }

  /** What the model was asked since the last time. */
  private List<String> calls() {
    List<String> calls = List.copyOf(model.calls);
    model.calls.clear();
    return calls;
  }

  private static TextStart start(TextStarts starts, ReadImage image, int[]... prompts) {
    List<ReadImage> images = Stream.generate(() -> image).limit(prompts.length).toList();
    return starts.start(images, List.of(prompts), true, CAPACITY);
  }

  private static float[] finished(TextStart start) {
    float[] logits = new float[VOCABULARY * start.session().rows()];
    start.finish(logits);
    start.close();
    return logits;
  }

  @Test
  void theSecondTextOfAnImageGoesOnFromTheFirstOnesBeginning() {
    try (TextStarts starts = starts(LARGE)) {
      float[] first = finished(start(starts, cat, PROMPT));
      assertThat(calls()).containsExactly("append [[2]]", "fork [0]", "append [[5, 6]]", "close");
      float[] second = finished(start(starts, cat, PROMPT));
      assertThat(calls()).containsExactly("fork [0]", "append [[5, 6]]", "close");
      assertThat(second).isEqualTo(first);
      try (TextStarts without = starts(0)) {
        assertThat(finished(start(without, cat, PROMPT))).isEqualTo(first);
        assertThat(calls()).containsExactly("append [[2, 5, 6]]", "close");
      }
      assertThat(starts.statistics().hits()).isEqualTo(1);
      assertThat(starts.statistics().bytes())
          .isEqualTo(CONFIG.cache().bytes(QUERIES + 1) + 4 * VOCABULARY);
    }
    assertThat(calls()).as("the kept one is closed at the end").containsExactly("close");
  }

  @Test
  void promptsOfOneImageAreRowsOfOneFork() {
    try (TextStarts starts = starts(LARGE)) {
      finished(start(starts, cat, PROMPT, new int[] {START, 7}));
      assertThat(calls())
          .containsExactly("append [[2]]", "fork [0, 0]", "append [[5, 6], [7]]", "close");
    }
  }

  @Test
  void aPromptOfTheStartTokenAloneNeedsNoStep() {
    try (TextStarts starts = starts(LARGE)) {
      float[] first = finished(start(starts, cat, new int[] {START}));
      assertThat(calls()).containsExactly("append [[2]]", "fork [0]", "close");
      assertThat(finished(start(starts, cat, new int[] {START}))).isEqualTo(first);
      assertThat(calls()).containsExactly("fork [0]", "close");
      assertThat(first[START + 1]).as("the likeliest").isEqualTo(5);
    }
  }

  @Test
  void anotherImageOrStartTokenIsAnotherBeginning() {
    try (TextStarts starts = starts(LARGE)) {
      finished(start(starts, cat, PROMPT));
      calls();
      finished(start(starts, dog, PROMPT));
      assertThat(calls()).contains("append [[2]]");
      finished(start(starts, cat, new int[] {3, 5}));
      assertThat(calls()).contains("append [[3]]");
      finished(start(starts, cat, PROMPT));
      assertThat(calls()).doesNotContain("append [[2]]");
      assertThat(starts.statistics().entries()).isEqualTo(3);
    }
  }

  @Test
  void whereABeginningDoesNotServeNoneIsKept() {
    try (TextStarts starts = starts(LARGE)) {
      finished(starts.start(List.of(cat), List.of(PROMPT), false, CAPACITY)); // not to come again
      finished(starts.start(List.of(cat, dog), List.of(PROMPT, PROMPT), true, CAPACITY));
      finished(start(starts, image(true), PROMPT)); // features for this prompt alone
      finished(start(starts, cat, PROMPT, new int[] {3, 5})); // other start tokens
      finished(start(starts, cat, PROMPT, new int[] {START})); // nothing behind it in one row
      assertThat(calls()).noneMatch(call -> call.startsWith("fork"));
      assertThat(starts.statistics().misses()).isZero();
    }
  }

  @Test
  void theLeastRecentlyUsedIsClosedWhereThereIsNoRoom() {
    long one = CONFIG.cache().bytes(QUERIES + 1) + 4 * VOCABULARY;
    try (TextStarts starts = starts(2 * one)) {
      finished(start(starts, cat, PROMPT));
      finished(start(starts, dog, PROMPT));
      finished(start(starts, cat, PROMPT));
      calls();
      finished(start(starts, image(false), PROMPT)); // dog's makes room
      finished(start(starts, cat, PROMPT));
      assertThat(calls()).containsOnlyOnce("append [[2]]");
      assertThat(starts.statistics().evictions()).isEqualTo(1);
    }
  }

  /** Whoever has no image any more cannot ask about it, and nothing else finds its beginning. */
  @Test
  void aBeginningIsReleasedWhenNobodyHoldsItsImage() {
    try (TextStarts starts = starts(LARGE)) {
      finished(start(starts, cat, PROMPT));
      WeakReference<EncodedImage> lost = startAboutAnother(starts);
      assertThat(starts.statistics().entries()).isEqualTo(2);
      calls();
      while (!lost.refersTo(null) || starts.statistics().entries() == 2) {
        System.gc(); // the queue is filled by a thread of the JVM's own
      }
      assertThat(calls()).containsExactly("close");
      long one = CONFIG.cache().bytes(QUERIES + 1) + 4 * VOCABULARY;
      assertThat(starts.statistics().bytes()).isEqualTo(one);
      assertThat(starts.statistics().evictions()).as("it was not in the way").isZero();
      finished(start(starts, cat, PROMPT));
      assertThat(calls()).as("the other one stays").doesNotContain("append [[2]]");
    }
  }

  private static WeakReference<EncodedImage> startAboutAnother(TextStarts starts) {
    ReadImage another = image(false);
    finished(start(starts, another, PROMPT));
    return new WeakReference<>(another.image());
  }

  /** A beginning that is larger than the bound serves its first text, and is closed. */
  @Test
  void aBeginningThatIsTooLargeServesOnce() {
    try (TextStarts starts = starts(1)) {
      float[] found = finished(start(starts, cat, PROMPT));
      assertThat(found[7]).isEqualTo(5);
      assertThat(calls().stream().filter("close"::equals)).hasSize(2);
    }
    assertThat(calls()).isEmpty();
  }

  @Test
  void anEngineThatFailsLeavesNothingOpen() {
    try (TextStarts starts = starts(LARGE)) {
      model.failing = true;
      assertThatThrownBy(() -> start(starts, cat, PROMPT)).isInstanceOf(InferenceException.class);
      assertThat(calls()).containsExactly("close");
      model.failing = false;
      finished(start(starts, cat, PROMPT));
      assertThat(calls()).as("nothing was kept").contains("append [[2]]");
    }
  }
}
