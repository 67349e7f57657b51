package io.github.blip2j.internal.engine;

import static java.util.stream.Collectors.joining;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.blip2j.core.InferenceException;
import io.github.blip2j.family.TextConfig;
import io.github.blip2j.generation.FinishReason;
import io.github.blip2j.generation.GeneratedText;
import io.github.blip2j.generation.GenerationOptions;
import io.github.blip2j.generation.StageTimings;
import io.github.blip2j.generation.TextPiece;
import io.github.blip2j.internal.decoding.DecodingLoop;
import io.github.blip2j.internal.decoding.LookaheadModel;
import io.github.blip2j.internal.decoding.Prompt;
import io.github.blip2j.internal.decoding.Script;
import io.github.blip2j.internal.decoding.ScriptedModel;
import io.github.blip2j.internal.decoding.Sequence;
import io.github.blip2j.internal.decoding.TextAssembler;
import io.github.blip2j.internal.decoding.TinyConfig;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.function.Function;
import org.junit.jupiter.api.Test;

/** A text that is read while it is written: its pieces, its end, and that it releases itself. */
class TextUnderWayTest {
  private static final int VOCABULARY = 10;
  private static final TextConfig CONFIG = new TinyConfig(VOCABULARY, 40);
  private static final float[] IMAGE = new float[2 * TinyConfig.WIDTH];
  private static final StageTimings NO_TIME =
      new StageTimings(Duration.ZERO, Duration.ZERO, Duration.ZERO, Duration.ZERO, Duration.ZERO);
  private static final Function<List<Integer>, String> LETTERS =
      ids -> ids.stream().map(id -> Character.toString('a' + id)).collect(joining());

  private final ScriptedModel model =
      new ScriptedModel(Script.counting(VOCABULARY, 5, 1, 0), VOCABULARY, 0);
  private final Borrowers borrowers = new Borrowers();
  private final List<String> events = new ArrayList<>();
  private final Object user = new Object();

  /** From token 5 on, so that the end token 9 is the fourth. */
  private TextUnderWay text(int maxNewTokens) {
    GenerationOptions options = GenerationOptions.builder().maxNewTokens(maxNewTokens).build();
    DecodingLoop loop =
        DecodingLoop.start(
            new LookaheadModel(model::open, CONFIG),
            CONFIG,
            List.of(new Prompt(IMAGE, new int[] {2, 5}, options)),
            LETTERS);
    TextUnderWay text =
        new TextUnderWay(
            loop,
            new TextAssembler(LETTERS, whole -> whole, List.of()),
            () -> result(loop),
            () -> events.add("released"),
            borrowers);
    text.heldBy(user);
    return text;
  }

  private GeneratedText result(DecodingLoop loop) {
    events.add("result");
    Sequence sequence = loop.results().get(0).get(0);
    return new GeneratedText(
        LETTERS.apply(sequence.ids()),
        sequence.ids(),
        sequence.finish().orElseThrow(),
        sequence.score(),
        sequence.logProbabilities(),
        sequence.alternatives(),
        NO_TIME);
  }

  private static List<TextPiece> all(TextUnderWay text) {
    List<TextPiece> pieces = new ArrayList<>();
    while (text.hasNext()) {
      pieces.add(text.next());
    }
    return pieces;
  }

  private void assertReleased() {
    assertThat(events).containsOnlyOnce("released");
    assertThat(model.calls).containsOnlyOnce("close");
    assertThat(borrowers.count()).isZero();
  }

  @Test
  void piecesAreTheTextAndTheEndReleasesIt() {
    TextUnderWay text = text(20);
    assertThat(borrowers.count()).isEqualTo(1);
    List<TextPiece> pieces = all(text);
    assertThat(pieces.stream().map(TextPiece::text)).containsExactly("g", "h", "i", "j");
    assertThat(pieces.stream().map(TextPiece::tokenIds))
        .containsExactly(List.of(6), List.of(7), List.of(8), List.of(9));
    GeneratedText whole = text.result().orElseThrow();
    assertThat(whole.text()).isEqualTo("ghij");
    assertThat(whole.finishReason()).isEqualTo(FinishReason.EOS);
    assertThat(events).containsExactly("result", "released");
    assertReleased();
    assertThatThrownBy(text::next)
        .isInstanceOf(NoSuchElementException.class)
        .hasMessage("the text has ended");
    text.close();
    assertReleased();
  }

  @Test
  void untilItHasEndedThereIsNoResult() {
    TextUnderWay text = text(2);
    text.next();
    assertThat(text.result()).isEmpty();
    assertThat(text.hasNext()).isTrue();
    text.next();
    assertThat(text.result().orElseThrow().finishReason()).isEqualTo(FinishReason.LENGTH);
    assertThat(text.hasNext()).isFalse();
  }

  @Test
  void closedHalfWayItGivesNothingMore() {
    TextUnderWay text = text(20);
    text.next();
    text.close();
    assertReleased();
    assertThat(text.hasNext()).isFalse();
    assertThat(text.result()).isEmpty();
    assertThatThrownBy(text::next).isInstanceOf(NoSuchElementException.class).hasMessage("closed");
    assertThat(events).doesNotContain("result");
  }

  @Test
  void cancelledItEndsWithWhatThereIs() {
    TextUnderWay text = text(20);
    text.next();
    text.cancel();
    assertThat(all(text)).hasSize(1).allMatch(piece -> piece.tokenIds().isEmpty());
    GeneratedText whole = text.result().orElseThrow();
    assertThat(whole.finishReason()).isEqualTo(FinishReason.CANCELLED);
    assertThat(whole.tokenIds()).containsExactly(6);
    assertReleased();
  }

  @Test
  void aFailureEndsAndReleasesIt() {
    TextUnderWay text = text(20);
    text.next();
    model.failing = true;
    assertThatThrownBy(text::next)
        .isInstanceOf(InferenceException.class)
        .hasMessage("broken by the test");
    assertReleased();
    assertThat(text.hasNext()).isFalse();
    assertThat(text.result()).isEmpty();
  }

  @Test
  void itEndsWithItsModel() {
    TextUnderWay first = text(20);
    first.next();
    borrowers.close();
    assertReleased();
    assertThat(first.hasNext()).isFalse();
  }

  /** Whoever is inside it closes it without waiting for himself. */
  @Test
  void itMayBeClosedFromWithin() {
    TextUnderWay[] own = new TextUnderWay[1];
    DecodingLoop loop =
        DecodingLoop.start(
            new LookaheadModel(model::open, CONFIG),
            CONFIG,
            List.of(new Prompt(IMAGE, new int[] {2, 5}, GenerationOptions.defaults())),
            LETTERS);
    own[0] =
        new TextUnderWay(
            loop,
            new TextAssembler(
                ids -> {
                  assertThat(own[0].isUsedHere()).isTrue();
                  own[0].close();
                  return LETTERS.apply(ids);
                },
                whole -> whole,
                List.of()),
            () -> result(loop),
            () -> events.add("released"),
            borrowers);
    own[0].heldBy(user);
    assertThat(own[0].next().text()).isEqualTo("g");
    assertReleased();
    assertThat(own[0].isUsedHere()).isFalse();
  }
}
