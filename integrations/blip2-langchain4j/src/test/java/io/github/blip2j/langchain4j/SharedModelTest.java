package io.github.blip2j.langchain4j;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.langchain4j.data.message.ImageContent;
import dev.langchain4j.data.message.TextContent;
import dev.langchain4j.data.message.UserMessage;
import dev.langchain4j.exception.RateLimitException;
import dev.langchain4j.model.chat.response.ChatResponse;
import dev.langchain4j.model.chat.response.StreamingChatResponseHandler;
import io.github.blip2j.Blip2;
import io.github.blip2j.Generation;
import io.github.blip2j.TextTokenizer;
import io.github.blip2j.chat.ChatTemplate;
import io.github.blip2j.core.CacheStatistics;
import io.github.blip2j.generation.GenerationOptions;
import io.github.blip2j.generation.GenerationRequest;
import io.github.blip2j.generation.InferenceListener;
import io.github.blip2j.generation.ModelStage;
import io.github.blip2j.testkit.Fixtures;
import io.github.blip2j.testkit.TinyOpt;
import java.time.Duration;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** What a request costs those who share its model, and what is counted and kept of it. */
class SharedModelTest {
  private static final int STREAMS = 20;

  /** Notes every stage that is run, in whatever thread. */
  private static final class Stages implements InferenceListener {
    final Queue<ModelStage> run = new ConcurrentLinkedQueue<>();

    @Override
    public void ran(ModelStage stage, Duration took) {
      run.add(stage);
    }
  }

  /** Notes how streams end. */
  private static final class Ends implements StreamingChatResponseHandler {
    final Queue<ChatResponse> whole = new ConcurrentLinkedQueue<>();
    final Queue<Throwable> errors = new ConcurrentLinkedQueue<>();
    final CountDownLatch left;

    Ends(int streams) {
      left = new CountDownLatch(streams);
    }

    @Override
    public void onCompleteResponse(ChatResponse response) {
      whole.add(response);
      left.countDown();
    }

    @Override
    public void onError(Throwable error) {
      errors.add(error);
      left.countDown();
    }
  }

  private static UserMessage about(int scene) {
    return UserMessage.from(Demo.content(scene));
  }

  private static Blip2ChatModel whole(Blip2 blip2) {
    return Blip2ChatModel.builder().blip2(blip2).build();
  }

  /** A stream's last response. */
  private static ChatResponse streamed(Blip2 blip2, UserMessage message) {
    Executor here = Runnable::run;
    Ends ends = new Ends(1);
    Blip2StreamingChatModel.builder()
        .blip2(blip2)
        .executor(here)
        .build()
        .chat(List.of(message), ends);
    assertThat(ends.errors).isEmpty();
    return ends.whole.remove();
  }

  @Test
  void oneTooManyIsRefusedBeforeItsImageIsLookedAt() throws InterruptedException {
    Stages stages = new Stages();
    GenerationRequest first =
        new GenerationRequest(Demo.image(0), null, GenerationOptions.defaults());
    try (Blip2 blip2 = Demo.captioner().concurrency(1, 0).inferenceListener(stages).load()) {
      Blip2StreamingChatModel streaming = Blip2StreamingChatModel.builder().blip2(blip2).build();
      Ends ends = new Ends(STREAMS);
      try (Generation open = blip2.stream(first)) {
        assertThat(open.hasNext()).as("has the only place").isTrue();
        List<ModelStage> before = List.copyOf(stages.run);
        assertThatThrownBy(() -> whole(blip2).chat(about(1)))
            .isExactlyInstanceOf(RateLimitException.class);
        for (int i = 0; i < STREAMS; i++) {
          streaming.chat(List.of(about(1)), ends);
        }
        assertThat(ends.left.await(1, TimeUnit.MINUTES)).isTrue();
        assertThat(ends.errors)
            .hasSize(STREAMS)
            .allSatisfy(e -> assertThat(e).isExactlyInstanceOf(RateLimitException.class));
        assertThat(stages.run).containsExactlyElementsOf(before);
      }
      assertThat(whole(blip2).chat(about(1)).aiMessage().text()).isNotBlank();
    }
  }

  @Test
  void anImageThatNobodyRecognisesLeavesNoBeginning() {
    try (Blip2 blip2 = Demo.captioner().load()) {
      ChatResponse response = whole(blip2).chat(about(0));
      assertThat(streamed(blip2, about(0)).aiMessage()).isEqualTo(response.aiMessage());
      assertThat(blip2.prefixCacheStatistics()).isEqualTo(new CacheStatistics(0, 0, 0, 0, 0));
    }
  }

  @Test
  void withTheImageCacheStreamsGoOnFromAKeptBeginning() {
    try (Blip2 blip2 = Demo.captioner().imageCache(1 << 20).load()) {
      ChatResponse first = streamed(blip2, about(0));
      assertThat(blip2.prefixCacheStatistics().entries()).isEqualTo(1);
      assertThat(streamed(blip2, about(0)).aiMessage()).isEqualTo(first.aiMessage());
      assertThat(blip2.imageCacheStatistics().hits()).isEqualTo(1);
      assertThat(blip2.prefixCacheStatistics().hits()).isEqualTo(1);
    }
  }

  /** Its encoded images have no vectors for the language model; those are made with a prompt. */
  @Test
  void imagesOfInstructBlipCountToo() {
    ImageContent photo = Demo.content(Fixtures.image("photo.jpg"));
    try (Blip2 blip2 =
        Blip2.builder().model(Fixtures.directory("tiny-instructblip-t5")).backend("onnx").load()) {
      TextTokenizer tokenizer = blip2.tokenizer();
      int caption = tokenizer.encodePrompt("A short image caption.").size();
      ChatResponse alone = whole(blip2).chat(UserMessage.from(photo));
      assertThat(alone.tokenUsage().inputTokenCount()).isEqualTo(TinyOpt.QUERIES + caption);
      UserMessage asked = UserMessage.from(TextContent.from("what is it?"), photo);
      int question =
          tokenizer.encodePrompt(ChatTemplate.BLOG.prompt(List.of(), "what is it?")).size();
      ChatResponse answer = whole(blip2).chat(asked);
      assertThat(answer.tokenUsage().inputTokenCount()).isEqualTo(TinyOpt.QUERIES + question);
      assertThat(streamed(blip2, asked).tokenUsage()).isEqualTo(answer.tokenUsage());
    }
  }
}
