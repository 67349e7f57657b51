package io.github.blip2j.spring.ai;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.blip2j.Blip2;
import io.github.blip2j.chat.ChatTemplate;
import io.github.blip2j.chat.ChatTurn;
import io.github.blip2j.generation.GeneratedText;
import io.github.blip2j.generation.GenerationOptions;
import io.github.blip2j.generation.GenerationRequest;
import io.github.blip2j.image.ImageAddresses;
import io.github.blip2j.spring.Demo;
import io.micrometer.observation.Observation;
import io.micrometer.observation.ObservationHandler;
import io.micrometer.observation.ObservationRegistry;
import io.micrometer.observation.tck.TestObservationRegistry;
import io.micrometer.observation.tck.TestObservationRegistryAssert;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.springframework.ai.chat.client.ChatClient;
import org.springframework.ai.chat.messages.AssistantMessage;
import org.springframework.ai.chat.messages.Message;
import org.springframework.ai.chat.messages.SystemMessage;
import org.springframework.ai.chat.messages.ToolResponseMessage;
import org.springframework.ai.chat.messages.UserMessage;
import org.springframework.ai.chat.model.ChatResponse;
import org.springframework.ai.chat.model.Generation;
import org.springframework.ai.chat.prompt.ChatOptions;
import org.springframework.ai.chat.prompt.Prompt;
import org.springframework.ai.content.Media;
import org.springframework.core.io.FileSystemResource;
import org.springframework.util.MimeTypeUtils;
import reactor.core.Disposable;
import reactor.core.publisher.BaseSubscriber;
import reactor.core.publisher.Mono;

/** Answers are those that the library gives when it is asked itself. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class Blip2ChatModelTest {
  private static final GenerationOptions SHORT = GenerationOptions.defaults().withMaxNewTokens(64);
  private static final String COLOUR = "what colour is the circle?";

  private final Blip2 blip2 = Demo.captioner().imageCache(1 << 20).load();
  private final Blip2ChatModel model = model(Blip2ChatSettings.defaults());

  @AfterAll
  void close() {
    blip2.close();
  }

  private Blip2ChatModel model(Blip2ChatSettings settings) {
    return new Blip2ChatModel(() -> blip2, settings, ObservationRegistry.NOOP);
  }

  private GeneratedText direct(int scene, @Nullable String prompt) {
    return blip2
        .generate(List.of(new GenerationRequest(Demo.image(scene), prompt, SHORT)))
        .get(0)
        .get(0);
  }

  private static Media media(int scene) {
    return new Media(MimeTypeUtils.IMAGE_PNG, new FileSystemResource(Demo.file(scene)));
  }

  private static Media media(String address) {
    return new Media(MimeTypeUtils.IMAGE_PNG, URI.create(address));
  }

  private static UserMessage user(String text, Media... media) {
    return UserMessage.builder().text(text).media(media).build();
  }

  private static Generation result(ChatResponse response) {
    return Objects.requireNonNull(response.getResult());
  }

  private static String text(ChatResponse response) {
    return Objects.requireNonNull(result(response).getOutput().getText());
  }

  private static <T> T whole(Mono<T> signals) {
    return Objects.requireNonNull(signals.block(Duration.ofMinutes(1)));
  }

  @Test
  void anImageAloneIsCaptioned() {
    ChatResponse response = model.call(new Prompt(user("", media(0))));
    GeneratedText caption = direct(0, null);
    assertThat(text(response)).isEqualTo(caption.text()).isNotBlank();
    assertThat(result(response).getMetadata().getFinishReason()).isEqualTo("STOP");
    assertThat(response.getMetadata().getModel()).isEqualTo("blip2");
    assertThat(response.getMetadata().getUsage().getCompletionTokens())
        .isEqualTo(caption.tokenIds().size());
    assertThat(response.getMetadata().getUsage().getPromptTokens())
        .isGreaterThanOrEqualTo(blip2.encode(Demo.image(0)).projected().length);
  }

  @Test
  void messagesBecomeTheTemplate() {
    List<Message> messages =
        List.of(
            new SystemMessage("Look closely."),
            user("what is it?", media(1)),
            new AssistantMessage("a shape"),
            new UserMessage("which colour?"));
    String prompt =
        ChatTemplate.BLOG.prompt(
            List.of(new ChatTurn("Look closely. what is it?", "a shape")), "which colour?");
    assertThat(text(model.call(new Prompt(messages)))).isEqualTo(direct(1, prompt).text());
    Blip2ChatModel brief =
        model(Blip2ChatSettings.defaults().withTemplate(ChatTemplate.SHORT_ANSWER));
    assertThat(text(brief.call(new Prompt(user(COLOUR, media(1))))))
        .isEqualTo(direct(1, ChatTemplate.SHORT_ANSWER.prompt(List.of(), COLOUR)).text());
  }

  @Test
  void aChatClientAsksWithMedia() {
    String answer =
        ChatClient.create(model)
            .prompt()
            .user(u -> u.text(COLOUR).media(media(0)))
            .call()
            .content();
    assertThat(answer).isEqualTo(blip2.ask(Demo.image(0), COLOUR).text());
    List<String> pieces =
        whole(
            ChatClient.create(model).prompt().user(u -> u.text(COLOUR).media(media(0))).stream()
                .content()
                .collectList());
    assertThat(String.join("", pieces)).isEqualTo(answer);
  }

  @Test
  void aStreamIsTheWholeTextWithUsageAtItsEnd() {
    List<ChatResponse> parts = whole(model.stream(new Prompt(user("", media(0)))).collectList());
    GeneratedText caption = direct(0, null);
    StringBuilder joined = new StringBuilder();
    parts.forEach(part -> joined.append(text(part)));
    assertThat(joined.toString()).isEqualTo(caption.text());
    ChatResponse last = parts.get(parts.size() - 1);
    assertThat(parts).hasSizeGreaterThan(3);
    assertThat(result(last).getMetadata().getFinishReason()).isEqualTo("STOP");
    assertThat(last.getMetadata().getUsage().getCompletionTokens())
        .isEqualTo(caption.tokenIds().size());
    assertThat(result(parts.get(0)).getMetadata().getFinishReason()).isNull();
    assertThat(parts.stream().map(p -> p.getMetadata().getId()).distinct()).hasSize(1);
  }

  @Test
  void whoUnsubscribesEndsTheText() throws InterruptedException {
    CountDownLatch first = new CountDownLatch(1);
    CountDownLatch released = new CountDownLatch(1);
    List<String> seen = new ArrayList<>();
    Disposable subscription =
        model.stream(new Prompt(user("", media(0))))
            .doFinally(end -> released.countDown())
            .subscribeWith(
                new BaseSubscriber<ChatResponse>() {
                  @Override
                  protected void hookOnSubscribe(org.reactivestreams.Subscription s) {
                    s.request(1); // and no more: the text waits for its reader
                  }

                  @Override
                  protected void hookOnNext(ChatResponse part) {
                    seen.add(text(part));
                    first.countDown();
                  }
                });
    assertThat(first.await(1, TimeUnit.MINUTES)).isTrue();
    subscription.dispose();
    assertThat(released.await(1, TimeUnit.MINUTES)).isTrue();
    assertThat(seen).hasSize(1);
    assertThat(direct(0, null).text()).startsWith(seen.get(0));
  }

  @Test
  void optionsOfAPromptGoBeforeTheModels() {
    ChatOptions two = ChatOptions.builder().maxTokens(2).build();
    ChatResponse cut = model.call(new Prompt(List.of(user("", media(0))), two));
    assertThat(cut.getMetadata().getUsage().getCompletionTokens()).isEqualTo(2);
    assertThat(result(cut).getMetadata().getFinishReason()).isEqualTo("LENGTH");
    assertThat(model.getOptions().getModel()).isEqualTo("blip2");
    assertThat(model.getOptions().getMaxTokens()).isEqualTo(64);
  }

  @Test
  void whatTheModelHasNotIsRefusedByName() {
    List<Prompt> prompts =
        List.of(
            new Prompt(new UserMessage("no image")),
            new Prompt(user("", media(0), media(1))),
            new Prompt(user("", media("https://example.org/dog.jpg"))),
            new Prompt(user("", media(Demo.file(0).toUri().toString()))),
            new Prompt(
                user("", new Media(MimeTypeUtils.parseMimeType("audio/wav"), URI.create("a:b")))),
            new Prompt(
                ToolResponseMessage.builder()
                    .responses(List.of(new ToolResponseMessage.ToolResponse("1", "tool", "text")))
                    .build()),
            new Prompt(user("", media(0)), ChatOptions.builder().model("other").build()),
            new Prompt(user("", media(0)), ChatOptions.builder().presencePenalty(1.0).build()));
    for (Prompt prompt : prompts) {
      assertThatIllegalArgumentException()
          .as("%s", prompt)
          .isThrownBy(() -> model.call(prompt))
          .withMessageMatching("(?s).*(not supported|found none).*");
      assertThatThrownBy(() -> model.stream(prompt).blockLast(Duration.ofMinutes(1)))
          .isInstanceOf(IllegalArgumentException.class);
    }
  }

  @Test
  void filesAreFollowedWithinTheirFolder() {
    Blip2ChatModel open =
        model(
            Blip2ChatSettings.defaults()
                .withAddresses(
                    ImageAddresses.dataOnly().withFilesIn(Demo.file(0).resolveSibling(""))));
    String address = Demo.file(0).toUri().toString();
    assertThat(text(open.call(new Prompt(user("", media(address))))))
        .isEqualTo(direct(0, null).text());
    Media text = Media.builder().mimeType(MimeTypeUtils.IMAGE_PNG).data("no address").build();
    assertThatIllegalArgumentException()
        .isThrownBy(() -> open.call(new Prompt(user("", text))))
        .withMessageContaining("neither");
  }

  @Test
  void everyPromptIsObserved() throws InterruptedException {
    TestObservationRegistry registry = TestObservationRegistry.create();
    Blip2ChatModel observed =
        new Blip2ChatModel(() -> blip2, Blip2ChatSettings.defaults(), registry);
    observed.call(new Prompt(user("", media(0))));
    TestObservationRegistryAssert.assertThat(registry)
        .hasObservationWithNameEqualTo("gen_ai.client.operation")
        .that()
        .hasBeenStopped()
        .hasLowCardinalityKeyValue("gen_ai.request.model", "blip2")
        .hasLowCardinalityKeyValue("gen_ai.response.model", "blip2");
    TestObservationRegistry streams = TestObservationRegistry.create();
    CountDownLatch stopped = new CountDownLatch(1);
    streams
        .observationConfig()
        .observationHandler(
            new ObservationHandler<Observation.Context>() {
              @Override
              public boolean supportsContext(Observation.Context context) {
                return true;
              }

              @Override
              public void onStop(Observation.Context context) {
                stopped.countDown();
              }
            });
    new Blip2ChatModel(() -> blip2, Blip2ChatSettings.defaults(), streams)
        .stream(new Prompt(user("", media(0)))).blockLast(Duration.ofMinutes(1));
    assertThat(stopped.await(1, TimeUnit.MINUTES)).isTrue(); // behind the last signal
    TestObservationRegistryAssert.assertThat(streams)
        .hasObservationWithNameEqualTo("gen_ai.client.operation")
        .that()
        .hasBeenStopped()
        .hasHighCardinalityKeyValueWithKey("gen_ai.usage.output_tokens");
    TestObservationRegistry failing = TestObservationRegistry.create();
    Blip2ChatModel broken = new Blip2ChatModel(() -> blip2, Blip2ChatSettings.defaults(), failing);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> broken.call(new Prompt(new UserMessage("no image"))));
    TestObservationRegistryAssert.assertThat(failing)
        .hasObservationWithNameEqualTo("gen_ai.client.operation")
        .that()
        .hasError();
  }
}
