package io.github.blip2j.langchain4j;

import static org.assertj.core.api.Assertions.assertThat;

import dev.langchain4j.data.message.ImageContent;
import dev.langchain4j.memory.chat.MessageWindowChatMemory;
import dev.langchain4j.model.output.FinishReason;
import dev.langchain4j.service.AiServices;
import dev.langchain4j.service.Result;
import dev.langchain4j.service.TokenStream;
import dev.langchain4j.service.UserMessage;
import io.github.blip2j.Blip2;
import io.github.blip2j.ChatSession;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/** The built-in model behind interfaces, as LangChain4j's users have it. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class AiServicesTest {
  private static final String COLOUR = "what colour is the circle?";

  private final Blip2 blip2 = Demo.captioner().imageCache(1 << 20).load();

  interface Viewer {
    Result<String> ask(@UserMessage String question, @UserMessage ImageContent image);

    String goOn(String question);
  }

  interface StreamingViewer {
    TokenStream ask(@UserMessage String question, @UserMessage ImageContent image);
  }

  @AfterAll
  void close() {
    blip2.close();
  }

  @Test
  void aServiceAnswersAndRemembers() {
    Viewer viewer =
        AiServices.builder(Viewer.class)
            .chatModel(Blip2ChatModel.builder().blip2(blip2).build())
            .chatMemory(MessageWindowChatMemory.withMaxMessages(10))
            .build();
    Result<String> first = viewer.ask(COLOUR, Demo.content(0));
    String second = viewer.goOn("how many shapes are there?");
    try (ChatSession direct = blip2.chat(Demo.image(0))) {
      assertThat(first.content()).isEqualTo(direct.ask(COLOUR).text()).isNotBlank();
      assertThat(second).isEqualTo(direct.ask("how many shapes are there?").text());
    }
    assertThat(first.finishReason()).isEqualTo(FinishReason.STOP);
    assertThat(first.tokenUsage().totalTokenCount()).isPositive();
  }

  @Test
  void aServiceStreams() throws Exception {
    StreamingViewer viewer =
        AiServices.builder(StreamingViewer.class)
            .streamingChatModel(Blip2StreamingChatModel.builder().blip2(blip2).build())
            .build();
    StringBuffer pieces = new StringBuffer();
    CompletableFuture<String> whole = new CompletableFuture<>();
    viewer
        .ask(COLOUR, Demo.content(0))
        .onPartialResponse(pieces::append)
        .onCompleteResponse(response -> whole.complete(response.aiMessage().text()))
        .onError(whole::completeExceptionally)
        .start();
    assertThat(whole.get(60, TimeUnit.SECONDS))
        .isEqualTo(pieces.toString())
        .isEqualTo(blip2.ask(Demo.image(0), COLOUR).text());
  }
}
