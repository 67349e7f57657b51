package io.github.blip2j.internal.text;

import io.github.blip2j.checkpoint.Checkpoint;
import io.github.blip2j.core.BackendUnavailableException;
import io.github.blip2j.core.CheckpointException;
import io.github.blip2j.family.TextBounds;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * The tokenizers of a checkpoint. Owned and closed by the {@code Blip2} that loaded them; safe for
 * many threads.
 *
 * @param text of the language model, or of what matches texts
 * @param instructions of a Q-Former that reads instructions, or none
 */
public record Tokenizers(Tokenizer text, @Nullable Tokenizer instructions)
    implements AutoCloseable {
  /**
   * Loads them.
   *
   * @param cache the cache folder, in which the native library is unpacked
   * @throws CheckpointException if a file is no tokenizer, or a damaged one
   * @throws BackendUnavailableException if the native library cannot be loaded
   */
  public static Tokenizers load(Checkpoint checkpoint, Path cache) {
    Tokenizer text = Tokenizer.load(checkpoint, cache);
    TextBounds bounds = checkpoint.config().qformer().instruction();
    if (bounds == null) {
      return new Tokenizers(text, null);
    }
    try {
      return new Tokenizers(text, Tokenizer.ofInstructions(checkpoint, bounds, cache));
    } catch (RuntimeException | Error e) {
      text.close();
      throw e;
    }
  }

  @Override
  public void close() {
    text.close();
    if (instructions != null) {
      instructions.close();
    }
  }
}
