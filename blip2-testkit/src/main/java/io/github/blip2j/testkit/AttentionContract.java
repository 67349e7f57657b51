package io.github.blip2j.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.blip2j.Blip2;
import io.github.blip2j.core.CheckpointException;
import io.github.blip2j.core.Device;
import io.github.blip2j.files.WeightTensor;
import io.github.blip2j.files.Weights;
import io.github.blip2j.image.EncodedImage;
import io.github.blip2j.image.ImageAttention;
import io.github.blip2j.image.ImageSource;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Where the Q-Former looks, through the facade: the reference's cross-attention weights. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
public abstract class AttentionContract {
  private static final String ITM = "tiny-itm";
  private static final ImageAttention.Size SIZE = new ImageAttention.Size(2, 4, 6, 4);
  private static final ImageSource LANDSCAPE = ImageSource.of(Fixtures.image("landscape.png"));

  @TempDir static Path cache;

  private final SharedModels models = new SharedModels(this::open);

  /** The backend under test. */
  protected abstract String backendId();

  private Blip2 open(String name) {
    return Blip2.builder()
        .model(Fixtures.directory(name))
        .backend(backendId())
        .device(Device.CPU)
        .threads(1)
        .cacheDirectory(cache)
        .load();
  }

  @AfterAll
  void closeAll() {
    models.close();
  }

  /**
   * Decoders and encoder-decoders alone, both readings of a checkpoint that matches, instructions;
   * weights that a backend uses where they lie, and 16-bit ones that it may have to prepare.
   */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "tiny-opt",
        "tiny-opt-fp16-sharded",
        "tiny-t5",
        ITM,
        "tiny-instructblip-t5",
        "tiny-instructblip-vicuna"
      })
  void weightsAreTheReferences(String name) {
    List<WeightTensor> golden = golden(name);
    assertThat(golden).hasSizeBetween(3, 9);
    Blip2 blip2 = models.of(name);
    for (WeightTensor expected : golden) {
      String[] parts = expected.name().split("/", 2); // an image, or an image and a text
      ImageSource image = ImageSource.of(Fixtures.image(parts[0]));
      ImageAttention found =
          parts.length == 1 ? blip2.attention(image) : blip2.attention(image, parts[1]);
      assertThat(found.size()).isEqualTo(SIZE);
      Tolerance.ATTENTION.check(name + "/" + expected.name(), expected.floats(), found.weights());
    }
  }

  private static List<WeightTensor> golden(String name) {
    return Weights.ofFile(Fixtures.directory(name).resolve("attention.safetensors")).all();
  }

  /** A Q-Former that reads instructions looks with the one that captions are asked for with. */
  @Test
  void withoutAnInstructionTheOneForCaptionsIsRead() {
    Blip2 blip2 = models.of("tiny-instructblip-t5");
    float[] alone = blip2.attention(LANDSCAPE).weights();
    assertThat(alone).isEqualTo(blip2.attention(LANDSCAPE, "A short image caption.").weights());
    assertThat(alone).isNotEqualTo(blip2.attention(LANDSCAPE, "a rocket").weights());
  }

  /** It would otherwise be the map of another reading than the one that was asked for. */
  @Test
  void aTextThatNobodyReadsIsRefused() {
    Blip2 blip2 = models.of("tiny-opt");
    assertThatThrownBy(() -> blip2.attention(LANDSCAPE, "a rocket"))
        .isInstanceOf(CheckpointException.class)
        .hasMessageContaining("found one that reads images alone; look without a text");
  }

  @Test
  void anEncodedImageServesWhereItsPatchesWereKept() {
    Blip2 matches = models.of(ITM);
    EncodedImage encoded = matches.encode(LANDSCAPE);
    assertThat(matches.attention(encoded).weights())
        .isEqualTo(matches.attention(LANDSCAPE).weights());
    Blip2 writes = models.of("tiny-opt");
    EncodedImage without = writes.encode(LANDSCAPE);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> writes.attention(without))
        .withMessageContaining("expected the image itself");
    assertThatIllegalArgumentException().isThrownBy(() -> writes.attention(encoded));
  }

  /** The stage is compiled by whoever comes first; the others wait for it. */
  @Test
  void threadsThatAskFirstAtOnceGetTheSame() throws Exception {
    ExecutorService threads = Executors.newFixedThreadPool(4);
    try (Blip2 blip2 = open("tiny-opt")) {
      List<Future<float[]>> found =
          threads.invokeAll(
              java.util.Collections.nCopies(8, () -> blip2.attention(LANDSCAPE).weights()));
      float[] expected =
          golden("tiny-opt").stream()
              .filter(t -> t.name().equals("landscape.png"))
              .findFirst()
              .orElseThrow()
              .floats();
      for (Future<float[]> one : found) {
        Tolerance.ATTENTION.check("a thread", expected, one.get());
      }
    } finally {
      threads.shutdown();
    }
  }

  @Test
  void anInstructionThatIsTooLongIsRefused() {
    Blip2 instructed = models.of("tiny-instructblip-t5");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> instructed.attention(LANDSCAPE, "cat ".repeat(600)))
        .withMessageContaining("shorten the prompt");
  }

  @Test
  void aClosedModelLooksAtNothing() {
    Blip2 blip2 = open("tiny-opt");
    blip2.attention(LANDSCAPE);
    blip2.close();
    blip2.close();
    assertThatThrownBy(() -> blip2.attention(LANDSCAPE)).isInstanceOf(IllegalStateException.class);
  }
}
