package io.github.blip2j;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.blip2j.chat.ChatOptions;
import io.github.blip2j.core.OverloadedException;
import io.github.blip2j.generation.FinishReason;
import io.github.blip2j.generation.GeneratedText;
import io.github.blip2j.generation.GenerationOptions;
import io.github.blip2j.generation.GenerationRequest;
import io.github.blip2j.generation.ScoreProcessor;
import io.github.blip2j.generation.TextPiece;
import io.github.blip2j.image.ImageSource;
import io.github.blip2j.testkit.Fixtures;
import java.lang.ref.WeakReference;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What nobody holds any more is closed, and nothing else is. */
@Timeout(120)
class ForgottenTest {
  private static final Path OPT = Fixtures.directory("tiny-opt");
  private static final ImageSource PHOTO = ImageSource.of(Fixtures.image("photo.jpg"));

  /** Returns once the collector has been by, and had time to say what it found. */
  private static void collect() {
    for (int round = 0; round < 3; round++) {
      WeakReference<Object> gone = new WeakReference<>(new Object());
      while (gone.get() != null) {
        System.gc();
      }
    }
  }

  /** What is forgotten is closed as the next conversation opens. */
  private static void closeForgotten(Blip2 blip2) {
    collect();
    blip2.chat(PHOTO, ChatOptions.defaults()).close();
  }

  private static ChatOptions chats(ScoreProcessor processor) {
    return ChatOptions.defaults()
        .withGeneration(
            GenerationOptions.builder()
                .maxNewTokens(6)
                .scoreProcessors(List.of(processor))
                .build());
  }

  /** The caller holds the answer alone. */
  @Test
  void aConversationIsNotForgottenWhileItAnswers() {
    try (Blip2 blip2 = Blip2.load(OPT)) {
      ScoreProcessor collects =
          (tokens, scores) -> {
            if (tokens.size() == 2) {
              closeForgotten(blip2);
            }
          };
      GeneratedText answer = blip2.chat(PHOTO, chats(collects)).ask("what is it?");
      assertThat(answer.finishReason()).isEqualTo(FinishReason.LENGTH);
      assertThat(answer.tokenIds()).hasSize(6);
    }
  }

  @Test
  void aConversationIsNotForgottenWhileItsAnswerIsRead() {
    try (Blip2 blip2 = Blip2.load(OPT)) {
      ChatOptions options = chats((tokens, scores) -> {});
      List<Integer> ids = new ArrayList<>();
      for (TextPiece piece : blip2.chat(PHOTO, options).askStreaming("what is it?")) {
        ids.addAll(piece.tokenIds());
        closeForgotten(blip2);
      }
      try (ChatSession held = blip2.chat(PHOTO, options)) {
        assertThat(ids).isEqualTo(held.ask("what is it?").tokenIds());
      }
    }
  }

  /** Streams that were never read do not take the place of others for ever. */
  @Test
  void forgottenStreamsMakeRoom() {
    GenerationRequest request =
        new GenerationRequest(PHOTO, null, GenerationOptions.builder().maxNewTokens(3).build());
    try (Blip2 blip2 = Blip2.builder().model(OPT).concurrency(1, 1).load()) {
      List<Generation> streams = new ArrayList<>(List.of(blip2.stream(request)));
      streams.add(blip2.stream(request));
      assertThat(isRefused(blip2, request)).isTrue();
      streams.clear();
      while (isRefused(blip2, request)) {
        collect();
      }
      assertThat(blip2.generate(List.of(request)).get(0).get(0).tokenIds()).hasSize(3);
    }
  }

  private static boolean isRefused(Blip2 blip2, GenerationRequest request) {
    try {
      return blip2.generate(List.of(request)).isEmpty();
    } catch (OverloadedException e) {
      return true;
    }
  }
}
