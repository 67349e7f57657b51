package io.github.blip2j.clients;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.langchain4j.data.embedding.Embedding;
import dev.langchain4j.data.message.AiMessage;
import dev.langchain4j.data.message.ChatMessage;
import dev.langchain4j.data.message.ImageContent;
import dev.langchain4j.data.message.SystemMessage;
import dev.langchain4j.data.message.TextContent;
import dev.langchain4j.data.message.UserMessage;
import dev.langchain4j.data.segment.TextSegment;
import dev.langchain4j.exception.AuthenticationException;
import dev.langchain4j.exception.InvalidRequestException;
import dev.langchain4j.exception.ModelNotFoundException;
import dev.langchain4j.exception.RateLimitException;
import dev.langchain4j.model.chat.response.ChatResponse;
import dev.langchain4j.model.chat.response.StreamingChatResponseHandler;
import dev.langchain4j.model.openai.OpenAiChatModel;
import dev.langchain4j.model.openai.OpenAiEmbeddingModel;
import dev.langchain4j.model.openai.OpenAiStreamingChatModel;
import dev.langchain4j.model.output.FinishReason;
import io.github.blip2j.retrieval.EncodedText;
import io.github.blip2j.server.ServerLimits;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** LangChain4j's models of OpenAI, pointed at the server. */
class LangChain4jTest {
  private static Served writing;
  private static Served matching;
  private static OpenAiChatModel model;

  @BeforeAll
  static void start() {
    writing = Served.captioner(ServerLimits.defaults().withRequests(1, 0)); // the second is refused
    matching = Served.matcher();
    model = chat().build();
  }

  @AfterAll
  static void stop() {
    writing.close();
    matching.close();
  }

  private static OpenAiChatModel.OpenAiChatModelBuilder chat() {
    return OpenAiChatModel.builder().baseUrl(writing.base()).apiKey(Served.KEY).modelName("blip2");
  }

  private static ImageContent image(int scene) {
    return ImageContent.from(Served.base64(scene), "image/png");
  }

  @Test
  void itGetsACaption() {
    ChatResponse response = model.chat(UserMessage.from(image(2)));
    assertThat(response.aiMessage().text()).isEqualTo(Served.caption(2));
    assertThat(response.finishReason()).isEqualTo(FinishReason.STOP);
    assertThat(response.tokenUsage().totalTokenCount()).isGreaterThan(8);
  }

  /** What a stream was until it ended. */
  private static final class Heard implements StreamingChatResponseHandler {
    private final List<String> pieces = new ArrayList<>();
    private final CompletableFuture<ChatResponse> whole = new CompletableFuture<>();

    @Override
    public void onPartialResponse(String piece) {
      pieces.add(piece);
    }

    @Override
    public void onCompleteResponse(ChatResponse response) {
      whole.complete(response);
    }

    @Override
    public void onError(Throwable error) {
      whole.completeExceptionally(error);
    }
  }

  @Test
  void itGetsAStream() throws Exception {
    OpenAiStreamingChatModel streaming =
        OpenAiStreamingChatModel.builder()
            .baseUrl(writing.base())
            .apiKey(Served.KEY)
            .modelName("blip2")
            .build();
    Heard heard = new Heard();
    streaming.chat(List.of(UserMessage.from(image(3))), heard);
    assertThat(heard.whole.get().aiMessage().text()).isEqualTo(Served.caption(3));
    assertThat(heard.pieces).hasSizeGreaterThan(2);
    assertThat(String.join("", heard.pieces)).isEqualTo(Served.caption(3));
    assertThat(heard.whole.get().tokenUsage().outputTokenCount()).isPositive();
  }

  @Test
  void itHoldsAConversation() {
    List<ChatMessage> turns = new ArrayList<>();
    turns.add(UserMessage.from(TextContent.from(Served.question(1, 1)), image(1)));
    AiMessage first = model.chat(turns).aiMessage();
    assertThat(first.text()).isEqualTo(Served.text(1, 1));
    turns.add(first);
    turns.add(UserMessage.from(Served.question(1, 2)));
    assertThat(model.chat(turns).aiMessage().text()).isEqualTo(Served.text(1, 4));
  }

  @Test
  void itGetsEmbeddings() {
    OpenAiEmbeddingModel embedding =
        OpenAiEmbeddingModel.builder()
            .baseUrl(matching.base())
            .apiKey(Served.KEY)
            .modelName("blip2")
            .build();
    List<String> texts = List.of("a red square", "a blue circle");
    List<Embedding> found =
        embedding.embedAll(texts.stream().map(TextSegment::from).toList()).content();
    List<EncodedText> right = matching.blip2().embedder().texts(texts);
    assertThat(found).hasSize(2);
    for (int i = 0; i < texts.size(); i++) {
      assertThat(found.get(i).vector()).containsExactly(right.get(i).embedding(), within());
    }
  }

  private static org.assertj.core.data.Offset<Float> within() {
    return org.assertj.core.data.Offset.offset(1e-7f);
  }

  @Test
  void itComesAgainWhenTheQueueIsFull() throws Exception {
    try (HeldRequest held = new HeldRequest(writing.server(), Served.scene(4))) {
      CompletableFuture<ChatResponse> waiting =
          CompletableFuture.supplyAsync(() -> model.chat(UserMessage.from(image(0))));
      writing.awaitStatus(429);
      assertThat(held.finish("usage")).contains(Served.caption(4));
      assertThat(waiting.get().aiMessage().text()).isEqualTo(Served.caption(0));
    }
  }

  @Test
  void itIsToldThatTheQueueIsFull() throws Exception {
    try (HeldRequest held = new HeldRequest(writing.server(), Served.scene(4))) {
      assertThatThrownBy(() -> chat().maxRetries(0).build().chat(UserMessage.from(image(0))))
          .isInstanceOf(RateLimitException.class)
          .hasMessageContaining("queue_full");
      assertThat(held.finish("usage")).contains(Served.caption(4));
    }
  }

  @Test
  void itsLimitsAreHeeded() {
    ChatResponse cut = chat().maxCompletionTokens(2).build().chat(UserMessage.from(image(2)));
    assertThat(cut.finishReason()).isEqualTo(FinishReason.LENGTH);
    assertThat(Served.caption(2)).startsWith(cut.aiMessage().text());
    assertThat(cut.tokenUsage().outputTokenCount()).isEqualTo(2);
  }

  @Test
  void itsSystemMessageIsRead() {
    List<ChatMessage> messages =
        List.of(SystemMessage.from(Served.question(1, 1)), UserMessage.from(image(1)));
    assertThat(model.chat(messages).aiMessage().text()).isEqualTo(Served.text(1, 1));
  }

  /** An image's address would make the server fetch it. */
  @Test
  void anImagesAddressIsRefused() {
    ImageContent address = ImageContent.from("http://127.0.0.1:1/a.png");
    assertThatThrownBy(() -> model.chat(UserMessage.from(address)))
        .isInstanceOf(InvalidRequestException.class)
        .hasMessageContaining("fetches nothing");
  }

  @Test
  void itGetsErrorsOfItsOwnClasses() {
    assertThatThrownBy(() -> model.chat("hello"))
        .isInstanceOf(InvalidRequestException.class)
        .hasMessageContaining("must have an image");
    assertThatThrownBy(() -> chat().modelName("gpt-4o").build().chat(UserMessage.from(image(0))))
        .isInstanceOf(ModelNotFoundException.class)
        .hasMessageContaining("must be blip2");
    assertThatThrownBy(() -> chat().apiKey("wrong").build().chat(UserMessage.from(image(0))))
        .isInstanceOf(AuthenticationException.class);
  }
}
