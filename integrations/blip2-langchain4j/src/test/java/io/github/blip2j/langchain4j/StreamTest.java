package io.github.blip2j.langchain4j;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.langchain4j.data.message.ImageContent;
import dev.langchain4j.data.message.UserMessage;
import dev.langchain4j.exception.InvalidRequestException;
import dev.langchain4j.exception.UnsupportedFeatureException;
import dev.langchain4j.model.chat.StreamingChatModel;
import dev.langchain4j.model.chat.response.ChatResponse;
import dev.langchain4j.model.chat.response.PartialResponse;
import dev.langchain4j.model.chat.response.PartialResponseContext;
import dev.langchain4j.model.chat.response.StreamingChatResponseHandler;
import io.github.blip2j.Blip2;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/** Streams in the calling thread, so that a test sees every event in its order. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class StreamTest {
  private final Blip2 blip2 = Demo.captioner().load();
  private final StreamingChatModel model =
      Blip2StreamingChatModel.builder().blip2(blip2).executor(Runnable::run).build();

  @AfterAll
  void close() {
    blip2.close();
  }

  /** Notes events; cancels or closes after some. */
  private static final class Notes implements StreamingChatResponseHandler {
    final List<String> pieces = new ArrayList<>();
    final List<ChatResponse> whole = new ArrayList<>();
    final List<Throwable> errors = new ArrayList<>();
    int cancelAfter = Integer.MAX_VALUE;
    Runnable atFirst = () -> {};

    @Override
    public void onPartialResponse(PartialResponse partial, PartialResponseContext context) {
      pieces.add(partial.text());
      if (pieces.size() == 1) {
        atFirst.run();
      }
      if (pieces.size() == cancelAfter) {
        context.streamingHandle().cancel();
        assertThat(context.streamingHandle().isCancelled()).isTrue();
      }
    }

    @Override
    public void onCompleteResponse(ChatResponse response) {
      whole.add(response);
    }

    @Override
    public void onError(Throwable error) {
      errors.add(error);
    }
  }

  private Notes stream(Notes notes, ImageContent image) {
    model.chat(List.of(UserMessage.from(image)), notes);
    return notes;
  }

  @Test
  void piecesAreTheWholeTextOfTheModelThatDoesNotStream() {
    Notes notes = stream(new Notes(), Demo.content(0));
    ChatResponse response =
        Blip2ChatModel.builder().blip2(blip2).build().chat(UserMessage.from(Demo.content(0)));
    assertThat(String.join("", notes.pieces)).isEqualTo(response.aiMessage().text());
    assertThat(notes.pieces).hasSizeGreaterThan(2).doesNotContain("");
    assertThat(notes.whole).hasSize(1);
    assertThat(notes.whole.get(0).tokenUsage()).isEqualTo(response.tokenUsage());
    assertThat(notes.errors).isEmpty();
  }

  @Test
  void aCancelledStreamIsSilent() {
    Notes notes = new Notes();
    notes.cancelAfter = 2;
    stream(notes, Demo.content(0));
    assertThat(notes.pieces).hasSize(2);
    assertThat(notes.whole).isEmpty();
    assertThat(notes.errors).isEmpty();
  }

  @Test
  void anImageThatCannotBeReadIsAnErrorOfTheStream() {
    Notes notes = stream(new Notes(), ImageContent.from("AAAA", "image/png"));
    assertThat(notes.errors).singleElement().isInstanceOf(InvalidRequestException.class);
    assertThat(notes.whole).isEmpty();
  }

  @Test
  void whatIsNotSupportedIsRefusedAtOnce() {
    Notes notes = new Notes();
    assertThatThrownBy(() -> model.chat("no image", notes))
        .isInstanceOf(UnsupportedFeatureException.class);
    assertThat(notes.errors).isEmpty();
  }

  @Test
  void aModelThatIsClosedMeanwhileFailsTheStream() throws InterruptedException {
    Blip2 other = Demo.captioner().load();
    Notes notes = new Notes();
    Thread closing = new Thread(other::close);
    notes.atFirst =
        () -> {
          closing.start();
          try {
            closing.join(); // no token is under way, so it need not wait for this thread
          } catch (InterruptedException e) {
            throw new IllegalStateException(e);
          }
        };
    Blip2StreamingChatModel.builder()
        .blip2(other)
        .executor(Runnable::run)
        .build()
        .chat(List.of(UserMessage.from(Demo.content(0))), notes);
    closing.join();
    assertThat(notes.pieces).hasSize(1);
    assertThat(notes.errors).singleElement().isInstanceOf(IllegalStateException.class);
    assertThat(notes.whole).isEmpty();
  }
}
