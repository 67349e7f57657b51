package io.github.blip2j.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.blip2j.Blip2;
import io.github.blip2j.ChatSession;
import io.github.blip2j.chat.ChatOptions;
import io.github.blip2j.chat.ChatTurn;
import io.github.blip2j.generation.GenerationOptions;
import io.github.blip2j.image.ImageSource;
import io.github.blip2j.server.ConversationPool.Kept;
import io.github.blip2j.server.ConversationPool.Key;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Which kept conversation a turn goes on in, and which are closed. */
class ConversationPoolTest {
  private static final ChatTurn A = new ChatTurn("a?", "A");
  private static final ChatTurn B = new ChatTurn("b?", "B");
  private static final ChatTurn C = new ChatTurn("c?", "C");
  private static final Key KEY = new Key("image", ChatOptions.defaults());

  private static Blip2 blip2;

  @BeforeAll
  static void load() {
    blip2 = Demo.captioner();
  }

  @AfterAll
  static void close() {
    blip2.close();
  }

  private static Kept kept(Key key, ChatTurn... turns) {
    ChatSession session = blip2.chat(ImageSource.of(Demo.scene(0)), key.options());
    session.history(List.of(turns));
    return new Kept(key, session);
  }

  private static void assertClosed(Kept conversation) {
    assertThatThrownBy(() -> conversation.session().history(List.of()))
        .isInstanceOf(IllegalStateException.class);
  }

  @Test
  void aConversationGoesOnWhereItWas() {
    try (ConversationPool pool = new ConversationPool(4)) {
      Kept one = kept(KEY, A);
      pool.put(one);
      assertThat(pool.take(KEY, List.of(A, B))).as("two turns have come").contains(one);
      assertThat(pool.take(KEY, List.of(A, B))).as("it is in use").isEmpty();
      pool.put(one);
      assertThat(pool.take(KEY, List.of(A))).contains(one);
      one.session().close();
    }
  }

  @Test
  void whoSharesMostIsTaken() {
    try (ConversationPool pool = new ConversationPool(4)) {
      Kept shorter = kept(KEY, A);
      Kept longer = kept(KEY, A, B);
      pool.put(longer);
      pool.put(shorter);
      assertThat(pool.take(KEY, List.of(A, B, C))).contains(longer);
      assertThat(pool.take(KEY, List.of(A, B, C))).contains(shorter);
      longer.session().close();
      shorter.session().close();
    }
  }

  @Test
  void theLastTurnMayBeAskedAnewButNoMore() {
    try (ConversationPool pool = new ConversationPool(4)) {
      Kept three = kept(KEY, A, B, C);
      pool.put(three);
      assertThat(pool.take(KEY, List.of(A))).as("it is another's beginning").isEmpty();
      assertThat(pool.take(KEY, List.of(B, A))).as("nothing in common").isEmpty();
      assertThat(pool.take(KEY, List.of())).as("nothing said").isEmpty();
      assertThat(pool.take(KEY, List.of(A, B, A))).contains(three);
      three.session().close();
    }
  }

  @Test
  void anotherImageOrOtherOptionsAreAnotherConversation() {
    try (ConversationPool pool = new ConversationPool(4)) {
      pool.put(kept(KEY, A));
      assertThat(pool.take(new Key("other", KEY.options()), List.of(A))).isEmpty();
      ChatOptions other =
          ChatOptions.defaults().withGeneration(GenerationOptions.defaults().withMaxNewTokens(3));
      assertThat(pool.take(new Key("image", other), List.of(A))).isEmpty();
      ChatOptions equal =
          ChatOptions.defaults().withGeneration(GenerationOptions.builder().build());
      assertThat(pool.take(new Key("image", equal), List.of(A)))
          .hasValueSatisfying(k -> k.session().close());
    }
  }

  @Test
  void whatWasUsedLongestAgoIsClosed() {
    ConversationPool pool = new ConversationPool(2);
    Kept first = kept(KEY, A);
    Kept second = kept(KEY, B);
    Kept third = kept(KEY, C);
    pool.put(first);
    pool.put(second);
    pool.put(third);
    assertThat(pool.size()).isEqualTo(2);
    assertClosed(first);
    pool.close();
    assertClosed(second);
    assertClosed(third);
    assertThat(pool.size()).isZero();
    Kept late = kept(KEY, A);
    pool.put(late);
    assertClosed(late);
  }

  @Test
  void nothingIsKeptWhereNothingMayBe() {
    try (ConversationPool pool = new ConversationPool(0)) {
      Kept one = kept(KEY, A);
      pool.put(one);
      assertClosed(one);
      assertThat(pool.take(KEY, List.of(A))).isEmpty();
    }
  }
}
