package io.github.blip2j.langchain4j;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.langchain4j.data.message.AiMessage;
import dev.langchain4j.data.message.AudioContent;
import dev.langchain4j.data.message.ChatMessage;
import dev.langchain4j.data.message.ImageContent;
import dev.langchain4j.data.message.SystemMessage;
import dev.langchain4j.data.message.TextContent;
import dev.langchain4j.data.message.ToolExecutionResultMessage;
import dev.langchain4j.data.message.UserMessage;
import dev.langchain4j.exception.InvalidRequestException;
import dev.langchain4j.exception.RateLimitException;
import dev.langchain4j.exception.UnsupportedFeatureException;
import dev.langchain4j.model.chat.request.ChatRequestParameters;
import dev.langchain4j.model.chat.response.ChatResponse;
import dev.langchain4j.model.output.FinishReason;
import io.github.blip2j.Blip2;
import io.github.blip2j.Generation;
import io.github.blip2j.chat.ChatTemplate;
import io.github.blip2j.chat.ChatTurn;
import io.github.blip2j.generation.GeneratedText;
import io.github.blip2j.generation.GenerationOptions;
import io.github.blip2j.generation.GenerationRequest;
import io.github.blip2j.image.ImageAddresses;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/** Answers are those that the library gives when it is asked itself. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class Blip2ChatModelTest {
  private static final GenerationOptions SHORT = GenerationOptions.defaults().withMaxNewTokens(64);

  private final Blip2 blip2 = Demo.captioner().imageCache(1 << 20).concurrency(1, 0).load();
  private final Blip2ChatModel model = Blip2ChatModel.builder().blip2(blip2).build();

  @AfterAll
  void close() {
    blip2.close();
  }

  private GeneratedText direct(int scene, @Nullable String prompt) {
    return blip2
        .generate(List.of(new GenerationRequest(Demo.image(scene), prompt, SHORT)))
        .get(0)
        .get(0);
  }

  @Test
  void anImageAloneIsCaptioned() {
    ChatResponse response = model.chat(UserMessage.from(Demo.content(0)));
    GeneratedText caption = direct(0, null);
    assertThat(response.aiMessage().text()).isEqualTo(caption.text()).isNotBlank();
    assertThat(response.finishReason()).isEqualTo(FinishReason.STOP);
    int image = blip2.encode(Demo.image(0)).projected().length;
    assertThat(response.tokenUsage().inputTokenCount())
        .isEqualTo(image + blip2.tokenizer().encodePrompt("").size());
    assertThat(response.tokenUsage().outputTokenCount()).isEqualTo(caption.tokenIds().size());
    assertThat(response.modelName()).isEqualTo("blip2");
    assertThat(response.id()).startsWith("blip2-");
  }

  @Test
  void messagesBecomeTheTemplate() {
    List<ChatMessage> messages =
        List.of(
            SystemMessage.from("Look closely."),
            UserMessage.from(TextContent.from("what is it?"), Demo.content(1)),
            AiMessage.from("a shape"),
            UserMessage.from("which colour?"));
    String prompt =
        ChatTemplate.BLOG.prompt(
            List.of(new ChatTurn("Look closely. what is it?", "a shape")), "which colour?");
    assertThat(model.chat(messages).aiMessage().text()).isEqualTo(direct(1, prompt).text());
    Blip2ChatModel brief =
        Blip2ChatModel.builder().blip2(blip2).template(ChatTemplate.SHORT_ANSWER).build();
    assertThat(
            brief
                .chat(UserMessage.from(TextContent.from("which colour?"), Demo.content(1)))
                .aiMessage()
                .text())
        .isEqualTo(direct(1, "Question: which colour? Short answer:").text());
  }

  @Test
  void anImageThatComesAgainIsNotEncodedAgain() {
    UserMessage first = UserMessage.from(TextContent.from("what is it?"), Demo.content(2));
    AiMessage answer = model.chat(first).aiMessage();
    long hits = blip2.imageCacheStatistics().hits();
    long prefixes = blip2.prefixCacheStatistics().hits();
    model.chat(first, answer, UserMessage.from("how many shapes?"));
    assertThat(blip2.imageCacheStatistics().hits()).isGreaterThan(hits);
    assertThat(blip2.prefixCacheStatistics().hits()).isGreaterThan(prefixes);
  }

  @Test
  void parametersOfARequestGoBeforeTheModels() {
    Blip2ChatModel one =
        Blip2ChatModel.builder()
            .blip2(blip2)
            .image(Demo.image(0))
            .defaultRequestParameters(ChatRequestParameters.builder().maxOutputTokens(1).build())
            .build();
    ChatResponse cut = one.chat(UserMessage.from("what is it?"));
    assertThat(cut.tokenUsage().outputTokenCount()).isEqualTo(1);
    assertThat(cut.finishReason()).isEqualTo(FinishReason.LENGTH);
  }

  @Test
  void whatTheModelHasNotIsRefusedByName() {
    for (ChatMessage message :
        List.of(
            UserMessage.from("no image"),
            UserMessage.from(AudioContent.from("AAAA", "audio/wav")),
            UserMessage.from(Demo.content(0), Demo.content(1)),
            UserMessage.from(ImageContent.from("https://example.org/dog.jpg")),
            UserMessage.from(ImageContent.from(Demo.file(0).toUri())),
            ToolExecutionResultMessage.from("id", "tool", "text"))) {
      assertThatThrownBy(() -> model.chat(message))
          .as("%s", message)
          .isExactlyInstanceOf(UnsupportedFeatureException.class)
          .hasMessageContaining("not support");
    }
  }

  @Test
  void filesAndOtherAddressesAreFollowedWhereTheyAreAllowed() {
    Blip2ChatModel open =
        Blip2ChatModel.builder()
            .blip2(blip2)
            .imageAddresses(
                ImageAddresses.dataOnly()
                    .withFilesIn(Demo.file(0).resolveSibling(""))
                    .withOthers(address -> Demo.image(1)))
            .build();
    assertThat(open.chat(UserMessage.from(ImageContent.from(Demo.file(0).toUri()))).aiMessage())
        .isEqualTo(AiMessage.from(direct(0, null).text()));
    assertThat(open.chat(UserMessage.from(ImageContent.from("s3://bucket/1.png"))).aiMessage())
        .isEqualTo(AiMessage.from(direct(1, null).text()));
  }

  @Test
  void aRequestThatCannotBeServedIsTheCallersFault() {
    for (UserMessage wrong :
        List.of(
            UserMessage.from(ImageContent.from("AAAA", "image/png")), // no image
            UserMessage.from(ImageContent.from("*", "image/png")), // no base64
            UserMessage.from(TextContent.from("very ".repeat(5000)), Demo.content(0)))) {
      assertThatThrownBy(() -> model.chat(wrong))
          .isExactlyInstanceOf(InvalidRequestException.class)
          .hasCauseInstanceOf(RuntimeException.class);
    }
    assertThatThrownBy(
            () -> model.chat(UserMessage.from(Demo.content(0)), AiMessage.from("a shape")))
        .isExactlyInstanceOf(InvalidRequestException.class)
        .hasMessageContaining("the assistant's");
  }

  @Test
  void oneRequestTooManyMayBeTriedAgain() {
    GenerationRequest request = new GenerationRequest(Demo.image(0), null, SHORT);
    try (Generation open = blip2.stream(request)) {
      assertThat(open.hasNext()).isTrue();
      assertThatThrownBy(() -> model.chat(UserMessage.from(Demo.content(0))))
          .isExactlyInstanceOf(RateLimitException.class);
    }
    assertThat(model.chat(UserMessage.from(Demo.content(0)))).isNotNull();
  }

  @Test
  void aBuilderSaysWhatItLacks() {
    assertThatThrownBy(() -> Blip2ChatModel.builder().build())
        .isInstanceOf(IllegalStateException.class);
    GenerationOptions several =
        GenerationOptions.builder().doSample(true).numReturnSequences(2).build();
    assertThatThrownBy(() -> Blip2ChatModel.builder().blip2(blip2).generation(several).build())
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("found 2");
    try (Blip2 matcher = Demo.matcher()) {
      assertThatThrownBy(() -> Blip2ChatModel.builder().blip2(matcher).build())
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("writes text");
    }
  }
}
