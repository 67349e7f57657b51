package io.github.blip2j.clients;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.openai.client.OpenAIClient;
import com.openai.client.okhttp.OpenAIOkHttpClient;
import com.openai.core.http.StreamResponse;
import com.openai.errors.BadRequestException;
import com.openai.errors.NotFoundException;
import com.openai.errors.RateLimitException;
import com.openai.errors.UnauthorizedException;
import com.openai.helpers.ChatCompletionAccumulator;
import com.openai.models.chat.completions.ChatCompletion;
import com.openai.models.chat.completions.ChatCompletionChunk;
import com.openai.models.chat.completions.ChatCompletionContentPart;
import com.openai.models.chat.completions.ChatCompletionContentPartImage;
import com.openai.models.chat.completions.ChatCompletionContentPartText;
import com.openai.models.chat.completions.ChatCompletionCreateParams;
import com.openai.models.chat.completions.ChatCompletionStreamOptions;
import com.openai.models.embeddings.CreateEmbeddingResponse;
import com.openai.models.embeddings.EmbeddingCreateParams;
import com.openai.models.models.Model;
import io.github.blip2j.retrieval.EncodedText;
import io.github.blip2j.server.ServerLimits;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** OpenAI's client for Java, as it was published. */
class OpenAiJavaTest {
  private static Served writing;
  private static Served matching;
  private static OpenAIClient client;
  private static OpenAIClient vectors;

  @BeforeAll
  static void start() {
    writing = Served.captioner(ServerLimits.defaults().withRequests(1, 0)); // the second is refused
    matching = Served.matcher();
    client = client(writing).build();
    vectors = client(matching).build();
  }

  @AfterAll
  static void stop() {
    client.close();
    vectors.close();
    writing.close();
    matching.close();
  }

  private static OpenAIOkHttpClient.Builder client(Served served) {
    return OpenAIOkHttpClient.builder().baseUrl(served.base()).apiKey(Served.KEY);
  }

  private static ChatCompletionContentPart image(int scene) {
    return ChatCompletionContentPart.ofImageUrl(
        ChatCompletionContentPartImage.builder()
            .imageUrl(
                ChatCompletionContentPartImage.ImageUrl.builder().url(Served.url(scene)).build())
            .build());
  }

  private static ChatCompletionContentPart text(String text) {
    return ChatCompletionContentPart.ofText(
        ChatCompletionContentPartText.builder().text(text).build());
  }

  private static ChatCompletionCreateParams.Builder about(int scene) {
    return ChatCompletionCreateParams.builder()
        .model("blip2")
        .addUserMessageOfArrayOfContentParts(List.of(image(scene)));
  }

  private static String said(ChatCompletion completion) {
    return completion.choices().get(0).message().content().orElseThrow();
  }

  @Test
  void itGetsACaption() {
    ChatCompletion completion = client.chat().completions().create(about(2).build());
    completion.validate(); // every field that the client requires is there
    assertThat(said(completion)).isEqualTo(Served.caption(2));
    assertThat(completion.choices().get(0).finishReason())
        .isEqualTo(ChatCompletion.Choice.FinishReason.STOP);
    assertThat(completion.usage().orElseThrow().totalTokens()).isGreaterThan(8);
  }

  @Test
  void itGetsAStreamWithItsUsage() {
    ChatCompletionCreateParams wanted =
        about(3)
            .streamOptions(ChatCompletionStreamOptions.builder().includeUsage(true).build())
            .build();
    ChatCompletionAccumulator whole = ChatCompletionAccumulator.create();
    List<String> pieces = new ArrayList<>();
    try (StreamResponse<ChatCompletionChunk> stream =
        client.chat().completions().createStreaming(wanted)) {
      stream.stream()
          .peek(whole::accumulate)
          .flatMap(chunk -> chunk.choices().stream())
          .flatMap(choice -> choice.delta().content().stream())
          .filter(piece -> !piece.isEmpty())
          .forEach(pieces::add);
    }
    assertThat(pieces).hasSizeGreaterThan(2);
    assertThat(String.join("", pieces)).isEqualTo(Served.caption(3));
    assertThat(said(whole.chatCompletion())).isEqualTo(Served.caption(3));
    assertThat(whole.chatCompletion().usage().orElseThrow().completionTokens())
        .isGreaterThanOrEqualTo(pieces.size());
  }

  @Test
  void itHoldsAConversation() {
    ChatCompletionCreateParams.Builder turns =
        ChatCompletionCreateParams.builder()
            .model("blip2")
            .addUserMessageOfArrayOfContentParts(List.of(text(Served.question(1, 1)), image(1)));
    ChatCompletion first = client.chat().completions().create(turns.build());
    assertThat(said(first)).isEqualTo(Served.text(1, 1));
    turns.addMessage(first.choices().get(0).message()).addUserMessage(Served.question(1, 2));
    ChatCompletion second = client.chat().completions().create(turns.build());
    assertThat(said(second)).isEqualTo(Served.text(1, 4));
  }

  @Test
  @SuppressWarnings("deprecation") // OpenAI's own server heeds a seed no longer
  void itGetsSeveralAnswersAndTheirProbabilities() {
    ChatCompletion completion =
        client
            .chat()
            .completions()
            .create(about(0).n(3).temperature(0.5).seed(1).logprobs(true).topLogprobs(2).build());
    assertThat(completion.choices()).hasSize(3);
    for (ChatCompletion.Choice choice : completion.choices()) {
      var scores = choice.logprobs().orElseThrow().content().orElseThrow();
      assertThat(scores).isNotEmpty().allMatch(s -> s.logprob() <= 0);
      assertThat(scores).allMatch(s -> s.topLogprobs().size() == 2);
    }
  }

  @Test
  void itListsTheModel() {
    assertThat(client.models().list().data()).extracting(Model::id).containsExactly("blip2");
    assertThat(client.models().retrieve("blip2").validate().ownedBy()).isEqualTo("blip2");
  }

  /** Without a format it asks for base64, and decodes that itself. */
  @Test
  void itGetsEmbeddingsInBothFormats() {
    List<String> texts = List.of("a red square", "a blue circle");
    EmbeddingCreateParams.Builder wanted =
        EmbeddingCreateParams.builder().model("blip2").inputOfArrayOfStrings(texts);
    List<EncodedText> right = matching.blip2().embedder().texts(texts);
    CreateEmbeddingResponse unsaid = vectors.embeddings().create(wanted.build());
    CreateEmbeddingResponse floats =
        vectors
            .embeddings()
            .create(wanted.encodingFormat(EmbeddingCreateParams.EncodingFormat.FLOAT).build());
    for (int i = 0; i < texts.size(); i++) {
      float[] expected = right.get(i).embedding();
      assertThat(unsaid.data().get(i).embedding()).hasSize(expected.length);
      for (int k = 0; k < expected.length; k++) {
        assertThat(unsaid.data().get(i).embedding().get(k)).isEqualTo(expected[k]);
        assertThat(floats.data().get(i).embedding().get(k)).isEqualTo(expected[k], within(1e-7f));
      }
    }
    assertThat(unsaid.usage().promptTokens()).isPositive();
  }

  @Test
  void itEmbedsAnImageBesideTexts() {
    CreateEmbeddingResponse response =
        vectors
            .embeddings()
            .create(
                EmbeddingCreateParams.builder()
                    .model("blip2")
                    .inputOfArrayOfStrings(List.of(Served.url(0), Served.caption(0), "a blue star"))
                    .build());
    List<Float> image = response.data().get(0).embedding();
    assertThat(dot(image, image)).isCloseTo(1, within(1e-5));
    assertThat(dot(image, response.data().get(1).embedding()))
        .as("its own caption is nearer")
        .isGreaterThan(dot(image, response.data().get(2).embedding()));
  }

  private static double dot(List<Float> one, List<Float> other) {
    double sum = 0;
    for (int i = 0; i < one.size(); i++) {
      sum += one.get(i) * other.get(i);
    }
    return sum;
  }

  /** It waits for as long as Retry-After says, and comes again by itself. */
  @Test
  void itComesAgainWhenTheQueueIsFull() throws Exception {
    try (HeldRequest held = new HeldRequest(writing.server(), Served.scene(4))) {
      CompletableFuture<ChatCompletion> waiting =
          client.async().chat().completions().create(about(0).build());
      writing.awaitStatus(429);
      assertThat(held.finish("usage")).contains(Served.caption(4));
      assertThat(said(waiting.get())).isEqualTo(Served.caption(0));
    }
  }

  @Test
  void itIsToldThatTheQueueIsFull() throws Exception {
    OpenAIClient once = client(writing).maxRetries(0).build();
    try (HeldRequest held = new HeldRequest(writing.server(), Served.scene(4))) {
      assertThatThrownBy(() -> once.chat().completions().create(about(0).build()))
          .isInstanceOfSatisfying(
              RateLimitException.class,
              e -> {
                assertThat(e.code()).contains("queue_full");
                assertThat(e.headers().values("Retry-After")).hasSize(1);
              });
      assertThat(held.finish("usage")).contains(Served.caption(4));
    } finally {
      once.close();
    }
  }

  @Test
  void itGetsErrorsOfItsOwnClasses() {
    ChatCompletionCreateParams wordsAlone =
        ChatCompletionCreateParams.builder().model("blip2").addUserMessage("hello").build();
    assertThatThrownBy(() -> client.chat().completions().create(wordsAlone))
        .isInstanceOfSatisfying(
            BadRequestException.class,
            e -> {
              assertThat(e.param()).contains("messages");
              assertThat(e.type()).contains("invalid_request_error");
              assertThat(e.code()).contains("invalid_value");
            })
        .hasMessageContaining("must have an image");
    ChatCompletionCreateParams other = about(0).model("gpt-4o").build();
    assertThatThrownBy(() -> client.chat().completions().create(other))
        .isInstanceOf(NotFoundException.class)
        .hasMessageContaining("must be blip2");
    EmbeddingCreateParams embedding =
        EmbeddingCreateParams.builder().model("blip2").input("a").build();
    assertThatThrownBy(() -> client.embeddings().create(embedding))
        .isInstanceOf(BadRequestException.class)
        .hasMessageContaining("match");
    OpenAIClient stranger = client(writing).apiKey("wrong").build();
    assertThatThrownBy(() -> stranger.models().list())
        .isInstanceOf(UnauthorizedException.class)
        .hasMessageContaining("Bearer");
    stranger.close();
  }

  @Test
  void itsLimitsAreHeeded() {
    ChatCompletion cut =
        client.chat().completions().create(about(2).maxCompletionTokens(2).build());
    assertThat(Served.caption(2)).startsWith(said(cut)).isNotEqualTo(said(cut));
    assertThat(cut.choices().get(0).finishReason())
        .isEqualTo(ChatCompletion.Choice.FinishReason.LENGTH);
    assertThat(cut.usage().orElseThrow().completionTokens()).isEqualTo(2);
    String word = Served.caption(2).split(" ")[2];
    ChatCompletion stopped = client.chat().completions().create(about(2).stop(word).build());
    assertThat(said(stopped)).doesNotContain(word);
    assertThat(Served.caption(2)).startsWith(said(stopped));
    assertThat(stopped.choices().get(0).finishReason())
        .isEqualTo(ChatCompletion.Choice.FinishReason.STOP);
  }

  @Test
  @SuppressWarnings("deprecation")
  void theSameSeedDrawsTheSame() {
    ChatCompletionCreateParams drawn = about(0).temperature(1.5).topP(0.95).seed(7).build();
    String once = said(client.chat().completions().create(drawn));
    assertThat(said(client.chat().completions().create(drawn))).isEqualTo(once);
  }

  /** What a system says comes in front of the question, as BLIP-2 knows no roles. */
  @Test
  void itsSystemMessageIsRead() {
    ChatCompletionCreateParams wanted =
        ChatCompletionCreateParams.builder()
            .model("blip2")
            .addSystemMessage(Served.question(1, 1))
            .addUserMessageOfArrayOfContentParts(List.of(image(1)))
            .build();
    assertThat(said(client.chat().completions().create(wanted))).isEqualTo(Served.text(1, 1));
  }

  @Test
  void aStreamIsRefusedBeforeItBegins() {
    ChatCompletionCreateParams two = about(0).n(2).build();
    assertThatThrownBy(
            () -> {
              try (StreamResponse<ChatCompletionChunk> stream =
                  client.chat().completions().createStreaming(two)) {
                stream.stream().forEach(chunk -> {});
              }
            })
        .isInstanceOfSatisfying(
            BadRequestException.class, e -> assertThat(e.param()).contains("n"));
  }

  /** A stream that is not read to its end is given up; the next request is served. */
  @Test
  void itLeavesAStream() {
    try (StreamResponse<ChatCompletionChunk> stream =
        client.chat().completions().createStreaming(about(0).build())) {
      assertThat(stream.stream().findFirst()).isPresent();
    }
    assertThat(said(client.chat().completions().create(about(5).build())))
        .isEqualTo(Served.caption(5));
  }
}
