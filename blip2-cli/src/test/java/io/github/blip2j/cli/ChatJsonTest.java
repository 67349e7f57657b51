package io.github.blip2j.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.blip2j.testkit.Fixtures;
import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.Test;

/** A conversation for another program: each line of its output is JSON. */
class ChatJsonTest {
  private static final String OPT = Fixtures.directory("tiny-opt").toString();
  private static final String IMAGE = Fixtures.image("landscape.png").toString();

  @Test
  void answersFailuresAndTurnsAreLinesOfJson() throws IOException {
    String input = "what is it?\n/image none.png\n/history\n/undo\n/help\n";
    Run run = Run.with(input, "chat", "--json", "--max-new-tokens", "4", "--model", OPT, IMAGE);
    assertThat(run.status()).as(run.err()).isZero();
    List<JsonNode> lines = run.json();
    assertThat(lines).hasSize(3);
    assertThat(lines.get(0).get("prompt").textValue()).isEqualTo("what is it?");
    assertThat(lines.get(0).get("token_ids")).hasSize(4);
    assertThat(lines.get(1).get("error").textValue()).contains("none.png");
    assertThat(lines.get(2).get("question").textValue()).isEqualTo("what is it?");
    assertThat(lines.get(2).get("answer").textValue())
        .isEqualTo(lines.get(0).get("text").textValue());
    assertThat(run.err()).contains("undone: what is it?").contains("/restore FILE");
  }

  /** The answer is the one that a person reads. */
  @Test
  void theAnswerIsThatOfAConversation() throws IOException {
    Run text = Run.with("what is it?\n", "chat", "--max-new-tokens", "4", "--model", OPT, IMAGE);
    Run json =
        Run.with("what is it?\n", "chat", "--json", "--max-new-tokens", "4", "--model", OPT, IMAGE);
    assertThat(text.out().replace("> ", "").strip())
        .isEqualTo(json.json().get(0).get("text").textValue().strip());
  }
}
