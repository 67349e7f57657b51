package io.github.blip2j.internal.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.blip2j.chat.ChatOptions;
import io.github.blip2j.chat.ChatTemplate;
import io.github.blip2j.chat.ChatTurn;
import io.github.blip2j.chat.ContextPolicy;
import io.github.blip2j.core.CheckpointException;
import io.github.blip2j.generation.GenerationOptions;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A conversation comes back as it was saved, or the file is refused: never half of it. */
class SavedChatTest {
  private static final Path FILE = Path.of("saved.safetensors");
  private static final ChatOptions OPTIONS =
      new ChatOptions(
          ChatTemplate.SHORT_ANSWER, GenerationOptions.defaults(), 77, ContextPolicy.values()[1]);
  private static final List<ChatTurn> TURNS =
      List.of(
          new ChatTurn("what is it?", "a \"cat\"\n{answer}"),
          new ChatTurn("where? {question} \ud83d\ude00", ""));

  private static String text() {
    return Objects.requireNonNull(SavedChat.of(OPTIONS, TURNS).metadata().get("chat"));
  }

  private static SavedChat read(String text) {
    return SavedChat.read(FILE, Map.of("chat", text, "format", "x"));
  }

  @Test
  void everythingButTheGenerationComesBack() {
    SavedChat saved = read(text());
    assertThat(saved.turns()).isEqualTo(TURNS);
    GenerationOptions generation = GenerationOptions.defaults().withMaxNewTokens(5);
    assertThat(saved.options(generation)).isEqualTo(OPTIONS.withGeneration(generation));
    SavedChat empty = SavedChat.of(ChatOptions.defaults(), List.of());
    assertThat(SavedChat.read(FILE, empty.metadata())).isEqualTo(empty);
  }

  @Test
  void aFileWithoutAConversationIsAnImage() {
    assertThatThrownBy(() -> SavedChat.read(FILE, Map.of("format", "x")))
        .isInstanceOf(CheckpointException.class)
        .hasMessage(FILE + ": expected a saved conversation, found an image only");
  }

  /** What is missing or of another type is said; nothing else stands in for it. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "\"turns\"|\"tusk\"|turns must be a list, but is nothing",
        "\"question\"|\"quest\"|question must be a text, but is nothing",
        "\"answer\":\"\"|\"answer\":3|answer must be a text, but is 3",
        "\"context_limit\":77|\"context_limit\":0|context_limit must be a positive integer, but is 0",
        "\"context_limit\":77|\"context_limit\":\"77\"|but is \"77\"",
        "\"context_limit\":77|\"limit\":77|context_limit must be a positive integer",
        "\"context_limit\":77|\"context_limit\":99999999999|but is 99999999999",
        "\"separator\"|\"operator\"|separator must be a text, but is nothing",
        "\"policy\":\"|\"policy\":\"UN|No enum constant",
        "Question: {question} Short answer:\"|Question:\"|exactly one {question}",
        "what is it?| |question ( ) must not be blank",
        "{\"template\"|[\"template\"|a conversation, found"
      })
  void whatIsMissingOrWrongIsSaid(String from, String to, String message) {
    assertThat(text()).contains(from);
    assertThatThrownBy(() -> read(text().replace(from, to == null ? " " : to)))
        .isInstanceOf(CheckpointException.class)
        .hasMessageStartingWith(FILE + ": __metadata__: chat: expected a conversation, found")
        .hasMessageContaining(message);
  }

  @Test
  void everyCutIsRefused() {
    String whole = text();
    for (int length = 0; length < whole.length(); length++) {
      String cut = whole.substring(0, length);
      assertThatThrownBy(() -> read(cut)).as(cut).isInstanceOf(CheckpointException.class);
    }
  }
}
