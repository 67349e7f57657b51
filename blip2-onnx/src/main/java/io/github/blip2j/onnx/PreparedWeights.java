package io.github.blip2j.onnx;

import io.github.blip2j.CheckpointException;
import io.github.blip2j.LoadListener;
import io.github.blip2j.checkpoint.Checkpoint;
import io.github.blip2j.checkpoint.DType;
import io.github.blip2j.checkpoint.Half;
import io.github.blip2j.checkpoint.SafetensorsWriter;
import io.github.blip2j.checkpoint.WeightTensor;
import io.github.blip2j.onnx.WeightPlaces.Request;
import io.github.blip2j.onnx.WeightPlaces.Stored;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * Weights of one stage that the runtime cannot use as they are stored: quantised, of 16 bits and
 * made float32, which is exact, or rounded to 16 bits. They are made once and kept in a file that
 * the runtime maps, written beside its place and renamed, under a lock that other processes
 * respect.
 */
final class PreparedWeights {
  private static final int VERSION = 2;
  private static final int PIECE = 1 << 20;
  private static final String SCALES = ".scales";

  private final Checkpoint checkpoint;
  private final Path folder;
  private final LoadListener listener;

  PreparedWeights(Checkpoint checkpoint, Path cacheDirectory, LoadListener listener) {
    this.checkpoint = checkpoint;
    this.folder = cacheDirectory.resolve("onnx");
    this.listener = listener;
  }

  /** A compiled stage and the folder that its weights are relative to. */
  record Compiled(byte[] graph, Path folder) {}

  /**
   * Compiles a stage, after preparing what it asks for.
   *
   * @param stage is told to the listener and noted in the file
   */
  Compiled compile(String stage, WeightForm.Choice forms, WeightPlaces.Compiler compiler) {
    Map<Request, Integer> asked = new LinkedHashMap<>();
    compiler.compile(WeightPlaces.unknown(forms, asked)); // only what it asks for matters
    List<Request> open =
        asked.keySet().stream().filter(r -> r.form().dtype() != r.weight().dtype()).toList();
    Map<Request, Stored> places = new LinkedHashMap<>();
    asked.keySet().forEach(r -> places.put(r, new Stored(r.weight(), r.weight())));
    if (!open.isEmpty()) {
      places.putAll(prepared(stage, open));
    }
    WeightPlaces known = WeightPlaces.of(forms, places);
    return new Compiled(compiler.compile(known), known.folder());
  }

  private Map<Request, Stored> prepared(String stage, List<Request> open) {
    Path file = folder.resolve(key(open) + ".safetensors");
    if (!Files.exists(file)) {
      locked(file, () -> write(stage, file, open));
    }
    touch(file);
    Map<String, WeightTensor> found =
        Checkpoint.tensorsOf(file).stream().collect(Collectors.toMap(WeightTensor::name, t -> t));
    Map<Request, Stored> places = new LinkedHashMap<>();
    for (Request request : open) {
      WeightTensor values = found.get(name(request));
      WeightTensor scales = request.form().quantized() ? found.get(name(request) + SCALES) : values;
      if (values == null
          || scales == null
          || !values.shape().equals(request.form().shape(request.weight()))) {
        throw new CheckpointException(
            String.format(
                Locale.ROOT,
                "%s: expected %s, found it not; delete this file to make it anew",
                file,
                name(request)));
      }
      places.put(request, new Stored(values, scales));
    }
    return places;
  }

  private static String name(Request request) {
    return request.weight().name() + "." + request.form().name().toLowerCase(Locale.ROOT);
  }

  /** One process at a time prepares a file; the others find it when they have waited. */
  private void locked(Path file, Runnable work) {
    Path lock = file.resolveSibling(file.getFileName() + ".lock");
    try {
      Files.createDirectories(folder);
      try (FileChannel channel =
          FileChannel.open(lock, StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
        synchronized (PreparedWeights.class) { // a lock is a process', not a thread's
          var held = channel.lock();
          try {
            if (!Files.exists(file)) {
              work.run();
            }
          } finally {
            held.release();
          }
        }
      } finally {
        Files.deleteIfExists(lock);
      }
    } catch (IOException e) {
      throw new CheckpointException(file + ": cannot be prepared: " + e.getMessage(), e);
    }
  }

  private void write(String stage, Path file, List<Request> open) {
    List<SafetensorsWriter.Entry> entries = new ArrayList<>();
    for (Request request : open) {
      WeightForm form = request.form();
      entries.add(entry(name(request), form.dtype(), form.shape(request.weight())));
      if (form.quantized()) {
        entries.add(entry(name(request) + SCALES, DType.F32, form.scales(request.weight())));
      }
    }
    Map<String, String> metadata =
        Map.of("stage", stage, "checkpoint", checkpoint.directory().toString());
    try (SafetensorsWriter writer = new SafetensorsWriter(file, entries, metadata)) {
      int done = 0;
      for (Request request : open) {
        if (request.form().quantized()) {
          Quantizer.Result result = Quantizer.quantize(request.weight(), request.form());
          writer.write(result.values());
          writer.write(result.scales());
        } else {
          convert(request, writer);
        }
        listener.progress("preparing " + stage, ++done, open.size());
      }
      writer.commit();
    }
  }

  private static SafetensorsWriter.Entry entry(String name, DType dtype, List<Long> shape) {
    return new SafetensorsWriter.Entry(name, dtype, shape);
  }

  /** Writes a weight as float32 or binary16. */
  private static void convert(Request request, SafetensorsWriter writer) {
    ByteBuffer bytes = ByteBuffer.allocateDirect(4 * PIECE).order(ByteOrder.LITTLE_ENDIAN);
    boolean half = request.form() == WeightForm.FLOAT16;
    request.weight().stream(
        PIECE,
        (floats, count) -> {
          bytes.clear();
          for (int i = 0; half && i < count; i++) {
            bytes.putShort(2 * i, Half.round(floats[i]));
          }
          if (!half) {
            bytes.asFloatBuffer().put(floats, 0, count);
          }
          writer.write(bytes.limit((half ? 2 : 4) * count));
        });
  }

  /** A cache's cleaner takes the files first that were not used for longest. */
  private static void touch(Path file) {
    try {
      Files.setLastModifiedTime(file, FileTime.from(Instant.now()));
    } catch (IOException e) {
      // A file that is only readable is still good.
    }
  }

  /** Which files the weights are from, how long, how old, and what is made of them. */
  private String key(List<Request> open) {
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      StringBuilder identity = new StringBuilder("prepared v" + VERSION);
      for (Path file : open.stream().map(r -> r.weight().file()).distinct().toList()) {
        identity.append('\n').append(file).append(' ').append(Files.size(file));
        identity.append(' ').append(Files.getLastModifiedTime(file).toMillis());
      }
      open.forEach(r -> identity.append('\n').append(name(r)));
      byte[] hash = digest.digest(identity.toString().getBytes(StandardCharsets.UTF_8));
      return HexFormat.of().formatHex(hash, 0, 16);
    } catch (IOException e) {
      throw new CheckpointException(checkpoint.directory() + ": " + e.getMessage(), e);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has SHA-256", e);
    }
  }
}
