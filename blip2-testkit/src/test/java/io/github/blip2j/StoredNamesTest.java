package io.github.blip2j;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.blip2j.checkpoint.Checkpoint;
import io.github.blip2j.core.CheckpointException;
import io.github.blip2j.generation.GenerationOptions;
import io.github.blip2j.generation.GenerationRequest;
import io.github.blip2j.image.ImageSource;
import io.github.blip2j.testkit.Checkpoints;
import io.github.blip2j.testkit.Fixtures;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The same weights under the names and types that other ways of saving give them. */
class StoredNamesTest {
  private static final String HEAD = "language_model.lm_head.weight";
  private static final String OPT = "language_model.model.decoder.embed_tokens.weight";
  private static final String SHARED = "language_model.shared.weight";
  private static final String DECODER = "language_model.decoder.embed_tokens.weight";

  @TempDir Path folder;

  private static List<Integer> tokens(Path checkpoint) {
    try (Blip2 blip2 = Blip2.load(checkpoint)) {
      ImageSource image = ImageSource.of(Fixtures.image("photo.jpg"));
      return blip2
          .generate(List.of(new GenerationRequest(image, "a", GenerationOptions.defaults())))
          .get(0)
          .get(0)
          .tokenIds();
    }
  }

  private Path stored(String fixture, UnaryOperator<String> names, Map<String, String> metadata) {
    return Checkpoints.stored(
        fixture, folder.resolve("it" + System.nanoTime()), names, metadata, false);
  }

  private static UnaryOperator<String> rename(String from, String to) {
    return name -> name.equals(from) ? to : name;
  }

  /** What safetensors' {@code save_model} keeps of a tied OPT, with its note and without. */
  @Test
  void optRunsFromEitherNameOfItsTable() {
    List<Integer> expected = tokens(Fixtures.directory("tiny-opt"));
    Path noted = stored("tiny-opt", rename(OPT, HEAD), Map.of(OPT, HEAD));
    assertThat(tokens(noted)).isEqualTo(expected);
    assertThat(tokens(stored("tiny-opt", rename(OPT, HEAD), Map.of()))).isEqualTo(expected);
    assertThat(Checkpoint.open(noted).identity())
        .isEqualTo(Checkpoint.open(Fixtures.directory("tiny-opt")).identity());
    assertThat(Checkpoint.open(noted).weights().has(HEAD)).isFalse(); // one table, not two
  }

  @Test
  void t5RunsFromAnyNameOfItsTable() {
    List<Integer> expected = tokens(Fixtures.directory("tiny-t5"));
    Map<String, String> note =
        Map.of(SHARED, DECODER, "language_model.encoder.embed_tokens.weight", DECODER);
    assertThat(tokens(stored("tiny-t5", rename(SHARED, DECODER), note))).isEqualTo(expected);
    assertThat(tokens(stored("tiny-t5", rename(SHARED, DECODER), Map.of()))).isEqualTo(expected);
  }

  /** A T5 whose head is the table: the head alone is stored, and serves as both. */
  @Test
  void aTiedT5RunsFromItsHead() {
    Path shared = stored("tiny-t5", rename(HEAD, ""), Map.of());
    UnaryOperator<String> headOnly =
        name -> name.equals(HEAD) ? "" : name.equals(SHARED) ? HEAD : name;
    Path head = stored("tiny-t5", headOnly, Map.of());
    tied(shared, true);
    tied(head, true);
    assertThat(tokens(head)).isEqualTo(tokens(shared));
    tied(head, false);
    assertThatThrownBy(() -> tokens(head))
        .isInstanceOf(CheckpointException.class)
        .hasMessageContaining(SHARED);
  }

  private static void tied(Path checkpoint, boolean value) {
    Checkpoints.edit(
        checkpoint.resolve("config.json"),
        c -> ((ObjectNode) c.get("text_config")).put("tie_word_embeddings", value));
  }

  @Test
  void aNoteThatLeadsNowhereHelpsNobody() {
    Path broken = stored("tiny-opt", rename(OPT, "other"), Map.of(OPT, "nothing", "format", "pt"));
    assertThatThrownBy(() -> tokens(broken))
        .isInstanceOf(CheckpointException.class)
        .hasMessageContaining(OPT + ": expected");
  }

  @Test
  void float64IsNarrowed() {
    for (String fixture : List.of("tiny-opt", "tiny-t5")) {
      Path doubles =
          Checkpoints.stored(fixture, folder.resolve(fixture), name -> name, Map.of(), true);
      assertThat(tokens(doubles)).isEqualTo(tokens(Fixtures.directory(fixture)));
    }
  }
}
