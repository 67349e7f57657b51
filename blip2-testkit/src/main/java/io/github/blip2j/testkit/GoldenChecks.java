package io.github.blip2j.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.github.blip2j.internal.decoding.Sequence;
import io.github.blip2j.spi.QFormer;
import java.util.List;
import java.util.Locale;
import org.assertj.core.data.Offset;

/**
 * Compares a model with what the reference computed of its checkpoint.
 *
 * @param name of the checkpoint, for messages
 */
record GoldenChecks(String name, Loaded it) {
  /** Every stage of one image, each on what the stage before gave. */
  void stages(String image, float[] pixels) {
    String what = name + "/" + image;
    float[] patches = it.model.vision().encode(pixels, 1);
    Tolerance.VISION.check(what + "/vision", it.golden.tensor(image + "/vision"), patches);
    QFormer.Output read = it.model.qformer().encode(patches, 1);
    Tolerance.QFORMER.check(
        what + "/qformer", it.golden.tensor(image + "/qformer"), read.queries());
    Tolerance.PROJECTED.check(
        what + "/projected", it.golden.tensor(image + "/projected"), read.projected());
  }

  /**
   * Logits behind a prompt, and where there are golden ones those behind all tokens but the last.
   *
   * @param key of the first logits, such as {@code landscape.png/caption/first_logits}
   * @return whether there were last ones
   */
  boolean logits(String key) {
    String image = key.substring(0, key.indexOf('/'));
    boolean caption = key.endsWith("/caption/first_logits");
    Golden.Case golden =
        it.golden.cases(caption ? "caption" : "greedy").stream()
            .filter(c -> c.images().equals(List.of(image)))
            .findFirst()
            .orElseThrow();
    int[] prompt = it.tokens(golden.prompts() == null ? null : golden.prompts().get(0));
    float[] logits = new float[it.checkpoint.config().text().vocabularySize()];
    String last = key.replace("first", "last");
    try (var session = it.model.language().open(1, 100)) {
      session.append(it.golden.tensor(image + "/projected"), new int[][] {prompt}, logits);
      Tolerance.LOGITS.check(name + "/" + key, it.golden.tensor(key), logits);
      if (!it.golden.has(last)) {
        return false;
      }
      List<Integer> ids = golden.newIds().get(0);
      for (int id : ids.subList(0, ids.size() - 1)) {
        session.append(new float[0], new int[][] {{id}}, logits);
      }
      Tolerance.LOGITS.check(name + "/" + last, it.golden.tensor(last), logits);
      return true;
    }
  }

  /**
   * Ids exactly, texts, and of beams the scores; a request's sequences stand one behind another.
   */
  void generation(Golden.Case golden) {
    List<Integer> ends = it.checkpoint.config().text().endTokens();
    int row = 0;
    for (List<Sequence> request : it.search(golden)) {
      for (Sequence sequence : request) {
        String what = String.format(Locale.ROOT, "%s: %s, row %d", name, golden, row);
        assertThat(sequence.ids()).as(what).isEqualTo(golden.expected(row, ends));
        assertThat(it.tokenizer.decode(sequence.ids())).isEqualTo(golden.texts().get(row));
        if (golden.scores() != null) {
          double score = golden.scores().get(row);
          // With length_penalty -1 a sum is multiplied by the length, and its rounding with it: the
          // tolerance is relative to scores beyond 1.
          Offset<Double> close = within(1e-4 * Math.max(1, Math.abs(score)));
          assertThat(sequence.score()).as(what).isCloseTo(score, close);
        }
        row++;
      }
    }
    assertThat(row).isEqualTo(golden.newIds().size());
  }
}
