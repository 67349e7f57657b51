package io.github.blip2j;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.blip2j.core.CheckpointException;
import io.github.blip2j.core.Decision;
import io.github.blip2j.core.LoadListener;
import io.github.blip2j.core.Recipe;
import io.github.blip2j.files.WeightFiles;
import io.github.blip2j.generation.GenerationOptions;
import io.github.blip2j.generation.GenerationRequest;
import io.github.blip2j.image.EncodedImage;
import io.github.blip2j.image.ImageSource;
import io.github.blip2j.testkit.Checkpoints;
import io.github.blip2j.testkit.Fixtures;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.util.List;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Files that change under a model that has them mapped. */
class WeightFilesTest {
  private static final ImageSource IMAGE = ImageSource.of(Fixtures.image("photo.jpg"));

  @TempDir Path folder;

  private static void refused(ThrowingCallable call) {
    assertThatThrownBy(call)
        .isInstanceOf(CheckpointException.class)
        .hasMessageContaining("model.safetensors: expected ")
        .hasMessageContaining("it was written to while in use")
        .hasMessageContaining("by renaming");
  }

  @Test
  void aFileThatIsCutOrWrittenToIsNoticedBeforeAnyWork() throws IOException {
    Path it = Fixtures.copy("tiny-opt", folder.resolve("opt"));
    Path file = it.resolve("model.safetensors");
    byte[] whole = Files.readAllBytes(file);
    try (Blip2 blip2 = Blip2.load(it)) {
      EncodedImage encoded = blip2.encode(IMAGE);
      ChatSession chat = blip2.chat(encoded);
      try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
        channel.truncate(5000);
      }
      refused(() -> blip2.caption(IMAGE));
      refused(() -> blip2.caption(encoded));
      refused(() -> chat.ask("what is it?"));
      refused(() -> blip2.ranker().rank(encoded, "a", List.of("cat", "dog")));
      refused(
          () -> blip2.stream(new GenerationRequest(encoded, null, GenerationOptions.defaults())));
      chat.close();
    }
    Files.write(file, whole);
    try (Blip2 blip2 = Blip2.load(it)) {
      try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
        channel.write(ByteBuffer.allocate(4), whole.length - 4);
      }
      Files.setLastModifiedTime(file, FileTime.fromMillis(1)); // however coarse the clock is
      refused(() -> blip2.caption(IMAGE));
    }
  }

  @Test
  void matchingNoticesItToo() throws IOException {
    Path it = Fixtures.copy("tiny-itm", folder.resolve("itm"));
    try (Blip2 blip2 = Blip2.load(it)) {
      Files.setLastModifiedTime(it.resolve("model.safetensors"), FileTime.fromMillis(1));
      refused(() -> blip2.embedder().text("a cat"));
      refused(() -> blip2.matcher().match(IMAGE, "a cat"));
    }
  }

  /** Else some of its weights might be of the old file and some of the new. */
  @Test
  void aFileThatIsReplacedWhileAModelOpensIsNoticed() throws IOException {
    Path it = Fixtures.copy("tiny-opt", folder.resolve("opt"));
    Blip2Builder builder =
        Blip2.builder().model(it).listener(Replacing.of(it.resolve("model.safetensors")));
    assertThatThrownBy(builder::load)
        .isInstanceOf(CheckpointException.class)
        .hasMessageContaining("model.safetensors: expected ")
        .hasMessageContaining("it was replaced while it was read");
    Blip2.load(it).close();
  }

  /** The bundle's files would be those of neither checkpoint. */
  @Test
  void aFileThatIsReplacedBeforeItIsConvertedIsNoticed() throws IOException {
    Path it = Fixtures.copy("tiny-opt", folder.resolve("opt"));
    Path bundle = folder.resolve("bundle");
    Blip2Builder builder =
        Blip2.builder()
            .model(it)
            .recipe(Recipe.EXACT)
            .listener(Replacing.of(it.resolve("model.safetensors")));
    assertThatThrownBy(() -> builder.convert(bundle))
        .isInstanceOf(CheckpointException.class)
        .hasMessageContaining("it was replaced while it was read");
    assertThat(bundle).doesNotExist();
  }

  /** Replaces a file by one with the same bytes when it is told of the plan. */
  private record Replacing(Path file) implements LoadListener {
    static LoadListener of(Path file) {
      return new Replacing(file);
    }

    @Override
    public void progress(String stage, long done, long total) {}

    @Override
    public void planned(List<Decision<?>> plan) {
      Checkpoints.replace(file);
    }
  }

  @Test
  void replacingByRenamingLeavesAModelAlone() throws IOException {
    Path file = Files.write(folder.resolve("weights"), new byte[20]);
    WeightFiles files = WeightFiles.of(List.of(file));
    Path other = Files.write(folder.resolve("new"), new byte[10]);
    Files.move(other, file, StandardCopyOption.REPLACE_EXISTING);
    files.requireUnchanged();
    assertThatThrownBy(files::requireSame)
        .isInstanceOf(CheckpointException.class)
        .hasMessageContainingAll(
            "weights: expected 20 bytes of ", "found 10 bytes of ", "it was replaced while");
    Files.delete(file);
    files.requireUnchanged();
    assertThatThrownBy(files::requireSame)
        .isInstanceOf(CheckpointException.class)
        .hasMessageContaining("found none: it was replaced while");
    Path further = Files.write(folder.resolve("further"), new byte[20]);
    WeightFiles both = files.with(List.of(further));
    WeightFiles.of(List.of(further)).requireSame();
    Files.write(further, new byte[21]);
    assertThatThrownBy(both::requireUnchanged).hasMessageContaining("found 21 bytes of");
    assertThat(further).exists();
  }
}
