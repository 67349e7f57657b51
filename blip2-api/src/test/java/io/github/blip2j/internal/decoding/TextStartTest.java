package io.github.blip2j.internal.decoding;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.github.blip2j.family.TextConfig;
import io.github.blip2j.generation.GenerationOptions;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What a session has still to be given before a text, and who closes it. */
class TextStartTest {
  private static final int VOCABULARY = 10;
  private static final int POSITIONS = 12;
  private static final TextConfig CONFIG = new TinyConfig(VOCABULARY, POSITIONS);
  private static final float[] IMAGE = new float[2 * TinyConfig.WIDTH];

  private final ScriptedModel model =
      new ScriptedModel(Script.counting(VOCABULARY, 5, 1, 0), VOCABULARY, 0);
  private final LookaheadModel lookahead = new LookaheadModel(model::open, CONFIG);

  private LookaheadSession session(int... tokens) {
    LookaheadSession session = lookahead.open(1, POSITIONS);
    session.append(new float[0], new int[][] {tokens}, new float[VOCABULARY]);
    model.calls.clear();
    return session;
  }

  private static int likeliest(TextStart start) {
    float[] logits = new float[VOCABULARY * start.session().rows()];
    start.finish(logits);
    return Distribution.best(java.util.Arrays.copyOf(logits, VOCABULARY));
  }

  private static Prompt prompt(int maxNewTokens, int... tokens) {
    return new Prompt(
        IMAGE, tokens, GenerationOptions.builder().maxNewTokens(maxNewTokens).build());
  }

  @Test
  void wholePromptsAreRowsBehindTheirImages() {
    TextStart start = TextStart.of(lookahead, CONFIG, List.of(prompt(3, 2, 5), prompt(4, 2, 7, 8)));
    assertThat(model.calls).as("nothing has been computed").isEmpty();
    assertThat(model.capacity()).as("of the longest: image, prompt, all new but one").isEqualTo(8);
    assertThat(start.features()).hasSize(4 * TinyConfig.WIDTH);
    assertThat(likeliest(start)).isEqualTo(6);
    assertThat(model.calls).containsExactly("append [[2, 5], [2, 7, 8]]");
    assertThat(start.session().length(1)).isEqualTo(5);
    start.close();
    assertThat(model.calls).endsWith("close");
  }

  @Test
  void theCapacityEndsWithTheModelsPositions() {
    assertThat(DecodingLoop.capacity(CONFIG, List.of(prompt(100, 2, 5)))).isEqualTo(POSITIONS - 1);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> TextStart.of(lookahead, CONFIG, List.of(prompt(1, new int[10]))))
        .withMessage("image and prompt (at least 12 tokens) must leave room within 12 positions");
    assertThat(model.calls).isEmpty();
  }

  @Test
  void tokensMayStandBehindWhatASessionHolds() {
    TextStart start = TextStart.behind(session(2, 3), new int[][] {{4, 5}});
    assertThat(likeliest(start)).isEqualTo(6);
    assertThat(model.calls).containsExactly("append [[4, 5]]");
    start.close();
    assertThat(model.closed).containsExactly(List.of(2, 3, 4, 5));
  }

  @Test
  void whatFollowsMayBeKnownAlready() {
    float[] logits = new float[VOCABULARY];
    logits[7] = 1;
    TextStart start = TextStart.known(session(2, 3), logits);
    assertThat(likeliest(start)).isEqualTo(7);
    assertThat(model.calls).as("nothing to compute").isEmpty();
    assertThat(start.allButOne(VOCABULARY)).isSameAs(start);
    start.close();
    assertThat(model.calls).containsExactly("close");
  }

  @Test
  void aSessionThatIsLentStaysOpen() {
    LookaheadSession session = session(2, 3);
    TextStart lent = TextStart.behind(session, new int[][] {{4}}).lent();
    assertThat(likeliest(lent)).isEqualTo(5);
    lent.close();
    assertThat(model.calls).containsExactly("append [[4]]");
    assertThat(session.length(0)).isEqualTo(3);
  }

  @Test
  void allButTheLastTokenCanBeGivenBefore() {
    TextStart start = TextStart.behind(session(2), new int[][] {{4, 5, 6}});
    TextStart rest = start.allButOne(VOCABULARY);
    assertThat(model.calls).containsExactly("append [[4, 5]]");
    assertThat(rest.tokens()).isDeepEqualTo(new int[][] {{6}});
    assertThat(rest.allButOne(VOCABULARY)).as("there is only one").isSameAs(rest);
    assertThat(likeliest(rest)).isEqualTo(7);
  }

  @Test
  void aCopyLeavesTheSessionAsItIs() {
    LookaheadSession session = session(2, 3);
    TextStart fork = TextStart.behind(session, new int[][] {{8}}).fork(POSITIONS);
    assertThat(likeliest(fork)).isEqualTo(9);
    assertThat(model.calls).containsExactly("fork [0]", "append [[8]]");
    assertThat(session.length(0)).isEqualTo(2);
    fork.close();
    assertThat(model.closed).as("the copy alone").containsExactly(List.of(2, 3, 8));
  }
}
