package io.github.blip2j.train;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.blip2j.core.CheckpointException;
import java.io.BufferedWriter;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStreamWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Losses as JSON, one object a line, each written as it comes. Nothing without a folder. */
final class TrainingLog implements TrainingListener, AutoCloseable {
  private static final ObjectMapper MAPPER = new ObjectMapper();
  private static final String FILE = "log.jsonl";

  private final TrainingListener listener;
  private final @Nullable Path file;
  private final @Nullable BufferedWriter writer;

  /**
   * Goes on with a log.
   *
   * @param listener is told all that is written
   */
  TrainingLog(@Nullable Path folder, TrainingListener listener) {
    this.listener = listener;
    if (folder == null) {
      file = null;
      writer = null;
      return;
    }
    file = folder.resolve(FILE);
    try {
      Files.createDirectories(folder);
      FileOutputStream appended = new FileOutputStream(file.toFile(), true); // no interrupt ends it
      writer = new BufferedWriter(new OutputStreamWriter(appended, StandardCharsets.UTF_8));
    } catch (IOException e) {
      throw new CheckpointException(file + ": cannot be written: " + e, e);
    }
  }

  private void write(ObjectNode node) {
    if (writer == null) {
      return;
    }
    try {
      writer.write(node.toString());
      writer.write('\n');
      writer.flush();
    } catch (IOException e) {
      throw new CheckpointException(
          Objects.requireNonNull(file) + ": cannot be written: " + e.getMessage(), e);
    }
  }

  @Override
  public void encoded(int done, int total) {
    listener.encoded(done, total);
  }

  @Override
  public void stepped(Step step) {
    write(
        MAPPER
            .createObjectNode()
            .put("step", step.number())
            .put("loss", step.loss())
            .put("learning_rate", step.rate())
            .put("gradient_norm", step.gradientNorm())
            .put("tokens", step.tokens()));
    listener.stepped(step);
  }

  @Override
  public void validated(int step, double loss) {
    write(MAPPER.createObjectNode().put("step", step).put("validation_loss", loss));
    listener.validated(step, loss);
  }

  @Override
  public void close() {
    try {
      if (writer != null) {
        writer.close();
      }
    } catch (IOException e) {
      throw new CheckpointException(
          Objects.requireNonNull(file) + ": cannot be written: " + e.getMessage(), e);
    }
  }
}
