package io.github.blip2j.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.blip2j.generation.EarlyStopping;
import io.github.blip2j.generation.GenerationOptions;
import io.github.blip2j.testkit.Fixtures;
import io.github.blip2j.testkit.Golden;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class BatchCommandTest {
  private static String request(Golden.Case golden) {
    var node = Output.MAPPER.createObjectNode();
    node.put("image", Fixtures.image(golden.images().get(0)).toString());
    if (golden.prompts() != null) {
      node.put("prompt", golden.prompts().get(0));
    }
    node.setAll((com.fasterxml.jackson.databind.node.ObjectNode) golden.arguments());
    return node.toString();
  }

  private static List<Integer> ids(JsonNode line) {
    List<Integer> ids = new ArrayList<>();
    line.get("token_ids").forEach(id -> ids.add(id.intValue()));
    return ids;
  }

  @ParameterizedTest
  @CsvSource({
    "tiny-opt, onnx",
    "tiny-opt, djl",
    "tiny-opt-fp16-sharded, onnx",
    "tiny-opt-bf16, djl",
    "tiny-t5, onnx",
    "tiny-t5, djl"
  })
  void answersAreTheReferencesInOrder(String checkpoint, String backend) throws IOException {
    Path model = Fixtures.directory(checkpoint);
    int end = checkpoint.equals("tiny-t5") ? 1 : 202;
    List<Golden.Case> cases =
        new Golden(model).cases("caption", "greedy", "greedy-long", "min-length");
    StringBuilder input = new StringBuilder();
    cases.forEach(c -> input.append(request(c)).append('\n'));
    Run run =
        Run.with(input.toString(), "batch", "--model", model.toString(), "--backend", backend);
    assertThat(run.status()).as(run.err()).isZero();
    List<JsonNode> lines = run.json();
    assertThat(lines).hasSameSizeAs(cases);
    for (int i = 0; i < lines.size(); i++) {
      Golden.Case expected = cases.get(i);
      JsonNode line = lines.get(i);
      List<Integer> tokens = expected.expected(0, List.of(end));
      assertThat(line.fieldNames())
          .toIterable()
          .containsExactly("image", "prompt", "text", "token_ids", "finish_reason", "score");
      assertThat(ids(line)).as("%s", expected).isEqualTo(tokens);
      assertThat(line.get("text").textValue()).isEqualTo(expected.texts().get(0));
      assertThat(line.get("image").textValue()).endsWith(expected.images().get(0));
      assertThat(line.get("prompt").textValue())
          .isEqualTo(expected.prompts() == null ? null : expected.prompts().get(0));
      assertThat(line.get("finish_reason").textValue())
          .isEqualTo(tokens.get(tokens.size() - 1) == end ? "eos" : "length");
    }
  }

  @Test
  void aRequestThatFailsGivesALineAndTheRunGoesOn() throws IOException {
    String good = Fixtures.image("tiny.png").toString();
    String input =
        String.join(
            "\n",
            String.format(Locale.ROOT, "{\"image\": \"%s\", \"max_new_tokens\": 2}", good),
            "{\"image\": \"no-such.png\", \"prompt\": \"a\"}",
            String.format(Locale.ROOT, "{\"image\": \"%s\", \"max_new_tokens\": 0}", good),
            String.format(Locale.ROOT, "{\"image\": \"%s\", \"max_new_tokens\": \"2\"}", good),
            String.format(Locale.ROOT, "{\"image\": \"%s\", \"temprature\": 1}", good),
            "{\"image\": 3}",
            "{\"prompt\": \"a\"}",
            "[1]",
            "nonsense",
            String.format(Locale.ROOT, "{\"image\": \"%s\"} {\"image\": \"%s\"}", good, good),
            "",
            "{\"image\": \"a\\u0000b\"}",
            String.format(
                Locale.ROOT, "{\"image\": \"%s\", \"prompt\": \"%s\"}", good, "word ".repeat(99)),
            String.format(
                Locale.ROOT,
                "{\"image\": \"%s\", \"prompt\": null, \"min_new_tokens\": null,"
                    + " \"max_new_tokens\": 3}",
                good));
    Run run = Run.with(input, "batch", "--model", Fixtures.directory("tiny-opt").toString());
    assertThat(run.status()).isEqualTo(1);
    List<JsonNode> lines = run.json();
    List<String> errors = lines.stream().map(l -> l.path("error").asText("")).toList();
    List<String> parts =
        List.of(
            "",
            "no-such.png: expected an image file",
            "max_new_tokens (0) must be at least 1",
            "max_new_tokens: expected an integer, found \"2\"",
            "found temprature",
            "image: expected a string, found 3",
            "image: expected a string, found nothing",
            "expected a JSON object, found ARRAY",
            "expected a JSON object, found",
            "expected a JSON object, found",
            "must be a path",
            "160 positions",
            "");
    assertThat(errors).hasSameSizeAs(parts);
    for (int i = 0; i < parts.size(); i++) {
      assertThat(errors.get(i)).as("line %d", i).contains(parts.get(i));
      assertThat(errors.get(i).isEmpty()).isEqualTo(parts.get(i).isEmpty());
    }
    assertThat(lines.get(0).get("token_ids")).hasSize(2);
    assertThat(lines.get(1).get("image").textValue()).isEqualTo("no-such.png");
    assertThat(lines.get(1).get("prompt").textValue()).isEqualTo("a");
    assertThat(lines.get(12).get("token_ids")).hasSize(3);
  }

  @ParameterizedTest
  @ValueSource(strings = {"onnx", "djl"})
  void beamsAndPenaltiesAreTheReferences(String backend) throws IOException {
    Path model = Fixtures.directory("tiny-opt");
    List<Golden.Case> cases =
        new Golden(model)
            .cases("repetition", "no-repeat", "bad-words", "beam3", "beam4-early", "beam4-never");
    StringBuilder input = new StringBuilder();
    cases.forEach(c -> input.append(request(c)).append('\n'));
    Run run =
        Run.with(input.toString(), "batch", "--model", model.toString(), "--backend", backend);
    assertThat(run.status()).as(run.err()).isZero();
    int at = 0;
    for (Golden.Case expected : cases) {
      int sequences = expected.newIds().size();
      for (int i = 0; i < sequences; i++) {
        JsonNode line = run.json().get(at++);
        assertThat(ids(line)).as("%s", expected).isEqualTo(expected.expected(i, List.of(202)));
        assertThat(line.path("sequence_index").asInt(-1)).isEqualTo(sequences > 1 ? i : -1);
        if (expected.scores() != null) {
          assertThat(line.get("score").doubleValue())
              .isCloseTo(expected.scores().get(i), within(1e-4));
        }
      }
    }
    assertThat(run.json()).hasSize(at);
  }

  @Test
  void everyArgumentOfTheReferenceIsRead() {
    GenerationOptions options =
        BatchRequest.parse(
                """
                {"image": "x", "max_new_tokens": 9, "min_new_tokens": 2, "num_beams": 3,
                 "length_penalty": -1, "early_stopping": "never", "num_return_sequences": 2,
                 "do_sample": true, "temperature": 0.5, "top_k": 4, "top_p": 0.9, "min_p": 0.1,
                 "typical_p": 0.8, "seed": 7, "repetition_penalty": 1.5,
                 "no_repeat_ngram_size": 2, "bad_words_ids": [[5], [7, 9]], "max_time": 2.5}
                """)
            .options();
    assertThat(options.maxNewTokens()).isEqualTo(9);
    assertThat(options.minNewTokens()).isEqualTo(2);
    assertThat(options.numBeams()).isEqualTo(3);
    assertThat(options.lengthPenalty()).isEqualTo(-1);
    assertThat(options.earlyStopping()).isEqualTo(EarlyStopping.NEVER);
    assertThat(options.numReturnSequences()).isEqualTo(2);
    assertThat(options.doSample()).isTrue();
    assertThat(options.temperature()).isEqualTo(0.5);
    assertThat(options.topK()).isEqualTo(4);
    assertThat(options.topP()).isEqualTo(0.9);
    assertThat(options.minP()).isEqualTo(0.1);
    assertThat(options.typicalP()).isEqualTo(0.8);
    assertThat(options.seed()).hasValue(7);
    assertThat(options.repetitionPenalty()).isEqualTo(1.5);
    assertThat(options.noRepeatNgramSize()).isEqualTo(2);
    assertThat(options.badWordsIds()).isEqualTo(List.of(List.of(5), List.of(7, 9)));
    assertThat(options.maxTime()).contains(Duration.ofMillis(2500));
    GenerationOptions others =
        BatchRequest.parse(
                "{\"image\": \"x\", \"preset\": \"lavis-vqa-opt\", \"choices\": [[3, 4]],"
                    + " \"early_stopping\": true, \"temperature\": null}")
            .options();
    assertThat(others.numBeams()).isEqualTo(5);
    assertThat(others.lengthPenalty()).isZero();
    assertThat(others.choices()).isEqualTo(List.of(List.of(3, 4)));
    assertThat(others.earlyStopping()).isEqualTo(EarlyStopping.TRUE);
    assertThat(
            BatchRequest.parse("{\"image\": \"x\", \"stop_strings\": \".\"}")
                .options()
                .stopStrings())
        .containsExactly(".");
    for (String wrong :
        List.of(
            "\"do_sample\": true, \"top_p\": 1.5",
            "\"num_beams\": 0",
            "\"bad_words_ids\": [5]",
            "\"do_sample\": 1",
            "\"early_stopping\": \"maybe\"",
            "\"preset\": \"best\"")) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> BatchRequest.parse("{\"image\": \"x\", " + wrong + "}"));
    }
  }

  @Test
  void requestsHaveTheReferencesDefaults() {
    BatchRequest request = BatchRequest.parse("{\"image\": \"x.png\"}");
    assertThat(request.prompt()).isNull();
    assertThat(request.options().maxNewTokens()).isEqualTo(20);
    assertThat(request.options().minNewTokens()).isZero();
    assertThatIllegalArgumentException().isThrownBy(() -> BatchRequest.parse("null"));
    assertThat(BatchRequest.peek("{\"image\": \"x\"}").path("image").textValue()).isEqualTo("x");
    assertThat(BatchRequest.peek("{").isEmpty()).isTrue();
  }
}
