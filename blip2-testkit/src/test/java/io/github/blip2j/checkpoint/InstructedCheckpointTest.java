package io.github.blip2j.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.blip2j.core.CheckpointException;
import io.github.blip2j.family.QFormerConfig;
import io.github.blip2j.family.TextBounds;
import io.github.blip2j.testkit.Checkpoints;
import io.github.blip2j.testkit.Fixtures;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Checkpoints whose Q-Former reads instructions: what is read of them, and what is refused. */
class InstructedCheckpointTest {
  private static final String NAME = "tiny-instructblip-t5";

  @TempDir Path folder;

  @Test
  void settingsAreReadWithTextsAlwaysOn() {
    Checkpoint checkpoint = Checkpoint.open(Fixtures.directory(NAME));
    QFormerConfig qformer = checkpoint.config().qformer();
    assertThat(qformer.textInput()).isTrue();
    assertThat(qformer.instruction()).isEqualTo(new TextBounds(239, 64));
    assertThat(checkpoint.program().instruction()).isEqualTo(new TextBounds(239, 64));
    assertThat(checkpoint.instructionTokenizer()).isRegularFile();
  }

  @Test
  void othersReadNoInstructions() {
    Checkpoint checkpoint = Checkpoint.open(Fixtures.directory("tiny-opt"));
    assertThat(checkpoint.config().qformer().instruction()).isNull();
    assertThat(checkpoint.program().instruction()).isNull();
  }

  /** Identities are made of it: those of other checkpoints are what they were. */
  @Test
  void settingsWithoutInstructionsReadAsBefore() {
    assertThat(new QFormerConfig(768, 3072, 12, 12, 1e-12, 2, 32, false, null))
        .hasToString(
            "QFormerConfig[hiddenSize=768, intermediateSize=3072, layers=12, heads=12,"
                + " layerNormEps=1.0E-12, crossAttentionFrequency=2, queries=32, textInput=false]");
    assertThat(new QFormerConfig(8, 8, 1, 1, 1, 1, 1, true, new TextBounds(9, 7)).toString())
        .endsWith("textInput=true, instruction=TextBounds[vocabularySize=9, maxPositions=7]]");
  }

  @Test
  void withoutTheQFormersTokenizerItIsRefused() throws IOException {
    Path copy = Fixtures.copy(NAME, folder.resolve("copy"));
    Files.delete(copy.resolve("qformer_tokenizer/tokenizer.json"));
    assertThatThrownBy(() -> Checkpoint.open(copy))
        .isInstanceOf(CheckpointException.class)
        .hasMessageContaining("tokenizer.json: expected the Q-Former's tokenizer, found none");
  }

  @Test
  void codeOfItsOwnIsRefused() {
    Path copy = Fixtures.copy(NAME, folder.resolve("copy"));
    Checkpoints.edit(
        copy.resolve("config.json"),
        c -> c.putObject("auto_map").put("AutoModelForVision2Seq", "modeling_japanese.Model"));
    assertThatThrownBy(() -> Checkpoint.open(copy))
        .isInstanceOf(CheckpointException.class)
        .hasMessageContaining("auto_map: expected a checkpoint of Transformers' own classes");
  }

  @Test
  void otherKindsAreRefusedByName() {
    Path copy = Fixtures.copy(NAME, folder.resolve("copy"));
    Checkpoints.edit(copy.resolve("config.json"), c -> c.put("model_type", "video_blip"));
    assertThatThrownBy(() -> Checkpoint.open(copy))
        .isInstanceOf(CheckpointException.class)
        .hasMessageContaining(
            "model_type: expected \"blip-2\" or \"instructblip\", found \"video_blip\"");
  }

  @Test
  void embeddingsOfAnotherShapeAreNamed() {
    Path copy = Fixtures.copy(NAME, folder.resolve("copy"));
    Checkpoints.edit(
        copy.resolve("config.json"),
        c -> c.withObject("/qformer_config").put("max_position_embeddings", 63));
    assertThatThrownBy(() -> Checkpoint.open(copy).program())
        .isInstanceOf(CheckpointException.class)
        .hasMessageContaining("qformer.embeddings.position_embeddings.weight: expected [63, 32]");
  }
}
