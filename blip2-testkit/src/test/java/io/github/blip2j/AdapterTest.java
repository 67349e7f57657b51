package io.github.blip2j;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.blip2j.core.CheckpointException;
import io.github.blip2j.generation.GenerationOptions;
import io.github.blip2j.image.EncodedImage;
import io.github.blip2j.image.ImageSource;
import io.github.blip2j.testkit.Fixtures;
import io.github.blip2j.testkit.Golden;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A model with an adapter, by the facade: what it says, and what it does not mix with. */
class AdapterTest {
  private static final ImageSource IMAGE = ImageSource.of(Fixtures.image("landscape.png"));
  private static final GenerationOptions TWENTY =
      GenerationOptions.builder().maxNewTokens(20).build();

  @TempDir Path folder;

  private Blip2Builder base() {
    return Blip2.builder()
        .model(Fixtures.directory(Fixtures.ADAPTED))
        .cacheDirectory(folder.resolve("cache"));
  }

  private Blip2 adapted(String adapter) {
    return base().adapter(Fixtures.directory(adapter)).load();
  }

  private static List<Integer> golden(String name, String kind) {
    Golden.Case first = new Golden(Fixtures.directory(name)).cases(kind).get(0);
    assertThat(first.images()).containsExactly("landscape.png");
    assertThat(first.prompts()).containsExactly("a photo of");
    return first.newIds().get(0);
  }

  private static List<Integer> tokens(Blip2 blip2) {
    return blip2.promptedCaptioner("a photo of").withOptions(TWENTY).caption(IMAGE).tokenIds();
  }

  @Test
  void theBuilderMergesAnAdapter() {
    for (String name : Fixtures.ADAPTERS) {
      try (Blip2 with = adapted(name)) {
        assertThat(tokens(with)).isEqualTo(golden(name, "greedy"));
      }
    }
    try (Blip2 without = base().load()) {
      assertThat(tokens(without)).isEqualTo(golden(Fixtures.ADAPTERS.get(0), "without-adapter"));
    }
  }

  @Test
  void whatWasSavedWithAnotherAdapterIsRefused() throws IOException {
    Path image = folder.resolve("image.safetensors");
    Path chat = folder.resolve("chat.safetensors");
    try (Blip2 with = adapted("tiny-opt-lora")) {
      EncodedImage encoded = with.encode(IMAGE);
      encoded.save(image);
      try (ChatSession session = with.chat(encoded)) {
        session.ask("what is it?");
        session.save(chat);
      }
    }
    EncodedImage saved = EncodedImage.load(image);
    try (Blip2 without = base().load();
        Blip2 other = adapted("tiny-opt-lora-regex");
        Blip2 same = adapted("tiny-opt-lora")) {
      for (Blip2 blip2 : List.of(without, other)) {
        assertThatThrownBy(() -> blip2.caption(saved))
            .isInstanceOf(IllegalArgumentException.class)
            .hasMessageContaining("checkpoint");
        assertThatThrownBy(() -> blip2.restoreChat(chat, TWENTY))
            .hasMessageContaining("checkpoint");
      }
      assertThat(same.caption(saved).text()).isEqualTo(same.caption(IMAGE).text());
      same.restoreChat(chat, TWENTY).close();
    }
  }

  /** They are derived files like others: listed with what they are of, and deleted. */
  @Test
  void mergedWeightsAreListedInTheCache() throws IOException {
    adapted("tiny-opt-lora").close();
    PreparedFiles files = PreparedFiles.in(folder.resolve("cache"));
    assertThat(files.entries())
        .anySatisfy(
            entry -> {
              assertThat(entry.path().toString()).contains("adapters");
              assertThat(entry.about().get("stage")).startsWith("adapter ");
            })
        .anySatisfy(e -> assertThat(e.about()).containsEntry("stage", "row-major weights"));
    assertThat(files.trim(0)).isPositive();
    try (Stream<Path> left = Files.walk(folder.resolve("cache"))) {
      assertThat(left.filter(f -> f.toString().endsWith(".safetensors"))).isEmpty();
    }
    try (Blip2 again = adapted("tiny-opt-lora")) {
      assertThat(tokens(again)).isEqualTo(golden("tiny-opt-lora", "greedy"));
    }
  }

  @Test
  void anAdapterThatIsNotThereIsNamed() {
    assertThatThrownBy(() -> base().adapter("no/where").load())
        .isInstanceOf(CheckpointException.class)
        .hasMessageContaining("no/where");
    assertThatThrownBy(() -> base().adapter(Fixtures.directory("tiny-opt")).load())
        .isInstanceOf(CheckpointException.class)
        .hasMessageContaining("adapter_config.json: expected this file, found none");
    assertThatThrownBy(() -> Blip2.load(Fixtures.directory("tiny-opt-lora")))
        .isInstanceOf(CheckpointException.class)
        .hasMessageContaining("found an adapter");
  }

  @Test
  void aCheckpointOfAnotherShapeIsRefused() {
    Blip2Builder other =
        Blip2.builder()
            .model(Fixtures.directory("tiny-t5"))
            .cacheDirectory(folder.resolve("cache"))
            .adapter(Fixtures.directory("tiny-opt-lora"));
    assertThatThrownBy(other::load)
        .isInstanceOf(CheckpointException.class)
        .hasMessageContaining("it has no language_model.model.decoder.layers.0.self_attn.k_proj");
  }
}
