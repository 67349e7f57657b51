package io.github.blip2j.internal.text;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.blip2j.checkpoint.Checkpoint;
import io.github.blip2j.testkit.Fixtures;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A tokenizer in the form that published T5 checkpoints have, which no other fixture has: a table
 * that SentencePiece itself precompiled, and words apart at spaces in front of the Metaspace of
 * old. {@code tools/fixtures/make_t5_tokenizer.py} wrote what the reference gives.
 */
class T5TokenizerTest {
  @TempDir Path folder;

  @Test
  void idsAreTheReferences() throws Exception {
    Path form = Fixtures.directory("t5-tokenizer");
    Path model = Fixtures.copy("tiny-t5", folder.resolve("model"));
    Files.copy(
        form.resolve("tokenizer.json"),
        model.resolve("tokenizer.json"),
        StandardCopyOption.REPLACE_EXISTING);
    JsonNode cases = new ObjectMapper().readTree(form.resolve("cases.json").toFile());
    assertThat(cases).hasSizeGreaterThan(70);
    try (Tokenizer tokenizer = Tokenizer.load(Checkpoint.open(model), folder.resolve("cache"))) {
      for (JsonNode each : cases) {
        String text = each.get("text").textValue();
        int[] expected =
            StreamSupport.stream(each.get("ids").spliterator(), false)
                .mapToInt(JsonNode::intValue)
                .toArray();
        assertThat(tokenizer.encode(text)).as(text).isEqualTo(expected);
      }
    }
  }
}
