package io.github.blip2j.train;

import io.github.blip2j.core.CheckpointException;
import io.github.blip2j.files.DType;
import io.github.blip2j.files.SafetensorsWriter;
import io.github.blip2j.files.WeightTensor;
import io.github.blip2j.files.Weights;
import io.github.blip2j.spi.TrainingModel;
import java.io.IOException;
import java.nio.FloatBuffer;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What a training goes on from: every parameter and its two moments, in one safetensors file whose
 * {@code __metadata__} says how many steps they are of and of what training. Replaced whole.
 */
final class TrainingState {
  private static final String FILE = "state.safetensors";
  private static final String FORMAT = "blip2-training-state";
  private static final String FORMAT_KEY = "format";
  private static final String STEPS = "steps";
  private static final List<String> PARTS = List.of("value/", "first/", "second/");
  private static final int PIECE = 1 << 16; // numbers that are read at once

  /** As {@link SafetensorsWriter} names what is not whole: by process and time. */
  private static final Pattern PARTIAL =
      Pattern.compile(Pattern.quote(FILE) + "\\.(\\d{1,18})-\\d+\\.partial");

  private final Path file;
  private final Map<String, String> identity;

  /**
   * Of a folder.
   *
   * @param identity what must be the same when it goes on, each with its name
   */
  TrainingState(Path folder, Map<String, String> identity) {
    this.file = folder.resolve(FILE);
    this.identity = new TreeMap<>(identity);
  }

  /** Whether there is one. */
  boolean exists() {
    return Files.exists(file);
  }

  Path file() {
    return file;
  }

  /**
   * Removes what trainings in this folder had written of a state when they were killed; not what
   * another process that runs may be writing.
   *
   * @throws CheckpointException if it cannot be removed
   */
  void sweep() {
    Path folder = Objects.requireNonNull(file.toAbsolutePath().getParent(), "a folder");
    if (!Files.isDirectory(folder)) {
      return;
    }
    try (DirectoryStream<Path> all = Files.newDirectoryStream(folder)) {
      for (Path each : all) {
        Matcher partial = PARTIAL.matcher(each.getFileName().toString());
        if (partial.matches() && !isOfAnother(partial.group(1))) {
          Files.deleteIfExists(each);
        }
      }
    } catch (IOException | DirectoryIteratorException e) {
      throw new CheckpointException(folder + ": states half written cannot be removed: " + e, e);
    }
  }

  private static boolean isOfAnother(String process) {
    long id = Long.parseLong(process);
    return id != ProcessHandle.current().pid() && ProcessHandle.of(id).isPresent();
  }

  /**
   * Writes the state of a model. An interrupt closes the file that is being written; it is then
   * begun anew, and the thread stays interrupted.
   *
   * @throws CheckpointException if it cannot be written
   */
  void write(TrainingModel model) {
    boolean interrupted = Thread.interrupted();
    try {
      while (!written(model)) {
        interrupted = true;
      }
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  /** Whether no interrupt came between. */
  private boolean written(TrainingModel model) {
    try {
      writeOnce(model);
      return true;
    } catch (CheckpointException e) {
      if (Thread.interrupted()) {
        return false;
      }
      throw e;
    }
  }

  private void writeOnce(TrainingModel model) {
    List<SafetensorsWriter.Entry> entries = new ArrayList<>();
    for (TrainingModel.Parameter parameter : model.parameters()) {
      for (String part : PARTS) {
        entries.add(
            new SafetensorsWriter.Entry(part + parameter.name(), DType.F32, parameter.shape()));
      }
    }
    Map<String, String> metadata = new LinkedHashMap<>(identity);
    metadata.put(FORMAT_KEY, FORMAT);
    metadata.put(STEPS, Integer.toString(model.steps()));
    try (SafetensorsWriter writer = new SafetensorsWriter(file, entries, metadata)) {
      for (TrainingModel.Parameter parameter : model.parameters()) {
        TrainingModel.State state = model.state(parameter.name());
        for (float[] values : List.of(state.values(), state.first(), state.second())) {
          writer.write(values, values.length, DType.F32);
        }
      }
      writer.commit();
    }
  }

  /**
   * Sets a model to what was written.
   *
   * @throws CheckpointException if there is none, or one of another training
   */
  void restore(TrainingModel model) {
    if (!exists()) {
      throw new CheckpointException(
          file + ": expected the state of a training, found none; begin a new one");
    }
    Map<String, String> metadata = Weights.metadata(file);
    require(FORMAT_KEY, FORMAT, metadata);
    identity.forEach((name, value) -> require(name, value, metadata));
    Map<String, WeightTensor> stored = new LinkedHashMap<>();
    Weights.ofFile(file).all().forEach(t -> stored.put(t.name(), t));
    for (TrainingModel.Parameter parameter : model.parameters()) {
      float[][] parts = new float[PARTS.size()][];
      for (int i = 0; i < parts.length; i++) {
        parts[i] = numbers(stored, PARTS.get(i) + parameter.name(), parameter.shape());
      }
      model.restore(parameter.name(), new TrainingModel.State(parts[0], parts[1], parts[2]));
    }
    model.restoreSteps(steps(metadata));
  }

  private int steps(Map<String, String> metadata) {
    String written = metadata.getOrDefault(STEPS, "none");
    try {
      return Integer.parseUnsignedInt(written);
    } catch (NumberFormatException e) {
      throw new CheckpointException(file + ": steps: expected a number, found " + written, e);
    }
  }

  private float[] numbers(Map<String, WeightTensor> stored, String name, List<Long> shape) {
    WeightTensor tensor = stored.get(name);
    if (tensor == null || !tensor.shape().equals(shape)) {
      throw new CheckpointException(
          file
              + ": "
              + name
              + ": expected "
              + shape
              + ", found "
              + (tensor == null ? "no such tensor" : tensor.shape()));
    }
    return floats(tensor);
  }

  /** Read, not mapped: Windows renames no file onto one that is. */
  private static float[] floats(WeightTensor tensor) {
    FloatBuffer all = FloatBuffer.allocate(Math.toIntExact(tensor.elements()));
    tensor.stream(PIECE, (piece, count) -> all.put(piece, 0, count));
    return all.array();
  }

  private void require(String name, String expected, Map<String, String> metadata) {
    String found = metadata.getOrDefault(name, "none");
    if (!found.equals(expected)) {
      throw new CheckpointException(
          file
              + ": "
              + name
              + ": expected "
              + expected
              + " as this training has it, found "
              + found
              + "; go on with the same settings, or begin in another folder");
    }
  }
}
