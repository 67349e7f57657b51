package io.github.blip2j.spring.ai;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.blip2j.Blip2;
import io.github.blip2j.Generation;
import io.github.blip2j.TextTokenizer;
import io.github.blip2j.chat.ChatTemplate;
import io.github.blip2j.core.CacheStatistics;
import io.github.blip2j.core.OverloadedException;
import io.github.blip2j.generation.GenerationOptions;
import io.github.blip2j.generation.GenerationRequest;
import io.github.blip2j.generation.InferenceListener;
import io.github.blip2j.generation.ModelStage;
import io.github.blip2j.spring.Demo;
import io.github.blip2j.testkit.Fixtures;
import io.github.blip2j.testkit.TinyOpt;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.junit.jupiter.api.Test;
import org.springframework.ai.chat.metadata.Usage;
import org.springframework.ai.chat.model.ChatResponse;
import org.springframework.ai.chat.prompt.Prompt;

/** What a prompt costs those who share its model, and what is counted and kept of it. */
class SharedModelTest {
  private static final Duration LONG = Duration.ofMinutes(1);

  /** Notes every stage that is run, in whatever thread. */
  private static final class Stages implements InferenceListener {
    final Queue<ModelStage> run = new ConcurrentLinkedQueue<>();

    @Override
    public void ran(ModelStage stage, Duration took) {
      run.add(stage);
    }
  }

  private static List<ChatResponse> streamed(Blip2 blip2, Prompt prompt) {
    return Objects.requireNonNull(Scenes.model(blip2).stream(prompt).collectList().block(LONG));
  }

  @Test
  void oneTooManyIsRefusedBeforeItsImageIsLookedAt() {
    Stages stages = new Stages();
    GenerationRequest first =
        new GenerationRequest(Demo.image(0), null, GenerationOptions.defaults());
    try (Blip2 blip2 = Demo.captioner().concurrency(1, 0).inferenceListener(stages).load()) {
      Blip2ChatModel model = Scenes.model(blip2);
      try (Generation open = blip2.stream(first)) {
        assertThat(open.hasNext()).as("has the only place").isTrue();
        List<ModelStage> before = List.copyOf(stages.run);
        assertThatThrownBy(() -> model.call(Scenes.about(1)))
            .isInstanceOf(OverloadedException.class);
        assertThatThrownBy(() -> model.stream(Scenes.about(1)).blockLast(LONG))
            .isInstanceOf(OverloadedException.class);
        assertThat(stages.run).containsExactlyElementsOf(before);
      }
      assertThat(Scenes.text(model.call(Scenes.about(1)))).isNotBlank();
    }
  }

  @Test
  void anImageThatNobodyRecognisesLeavesNoBeginning() {
    try (Blip2 blip2 = Demo.captioner().load()) {
      String caption = Scenes.text(Scenes.model(blip2).call(Scenes.about(0)));
      assertThat(Scenes.text(streamed(blip2, Scenes.about(0)))).isEqualTo(caption);
      assertThat(blip2.prefixCacheStatistics()).isEqualTo(new CacheStatistics(0, 0, 0, 0, 0));
    }
  }

  @Test
  void withTheImageCacheTheNextPromptGoesOnFromAKeptBeginning() {
    try (Blip2 blip2 = Demo.captioner().imageCache(1 << 20).load()) {
      String caption = Scenes.text(streamed(blip2, Scenes.about(0)));
      assertThat(blip2.prefixCacheStatistics().entries()).isEqualTo(1);
      assertThat(Scenes.text(Scenes.model(blip2).call(Scenes.about(0)))).isEqualTo(caption);
      assertThat(blip2.imageCacheStatistics().hits()).isEqualTo(1);
      assertThat(blip2.prefixCacheStatistics().hits()).isEqualTo(1);
    }
  }

  /** Its encoded images have no vectors for the language model; those are made with a prompt. */
  @Test
  void imagesOfInstructBlipCountToo() {
    Path photo = Fixtures.image("photo.jpg");
    Path checkpoint = Fixtures.directory("tiny-instructblip-t5");
    try (Blip2 blip2 = Blip2.builder().model(checkpoint).backend("onnx").load()) {
      TextTokenizer tokenizer = blip2.tokenizer();
      int caption = tokenizer.encodePrompt("A short image caption.").size();
      assertThat(usage(Scenes.model(blip2).call(Scenes.about(photo, ""))).getPromptTokens())
          .isEqualTo(TinyOpt.QUERIES + caption);
      String prompt = ChatTemplate.BLOG.prompt(List.of(), "what is it?");
      int question = TinyOpt.QUERIES + tokenizer.encodePrompt(prompt).size();
      Prompt asked = Scenes.about(photo, "what is it?");
      assertThat(usage(Scenes.model(blip2).call(asked)).getPromptTokens()).isEqualTo(question);
      List<ChatResponse> parts = streamed(blip2, asked);
      assertThat(usage(parts.get(parts.size() - 1)).getPromptTokens()).isEqualTo(question);
    }
  }

  private static Usage usage(ChatResponse response) {
    return response.getMetadata().getUsage();
  }
}
