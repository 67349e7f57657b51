package io.github.blip2j.onnx;

import io.github.blip2j.checkpoint.Checkpoint;
import io.github.blip2j.core.CheckpointException;
import io.github.blip2j.core.LoadListener;
import io.github.blip2j.files.DType;
import io.github.blip2j.files.DerivedFile;
import io.github.blip2j.files.SafetensorsWriter;
import io.github.blip2j.files.WeightTensor;
import io.github.blip2j.onnx.WeightPlaces.Request;
import io.github.blip2j.onnx.WeightPlaces.Stored;
import io.github.blip2j.stage.WeightUses;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Weights of one stage that the runtime cannot use as they are stored: quantised, of 16 bits and
 * made float32, which is exact, or rounded to 16 bits. They are made once and kept in a file that
 * the runtime maps, with a checksum: one that is damaged is made anew.
 */
final class PreparedWeights {
  private static final int VERSION = 3;
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

  /**
   * A compiled stage.
   *
   * @param folder that its weights are relative to
   * @param files that were prepared for it
   */
  record Compiled(byte[] graph, Path folder, List<Path> files) {}

  /**
   * Compiles a stage, after preparing what it asks for.
   *
   * @param name is told to the listener and noted in the file
   * @param uses its weights
   */
  Compiled compile(
      String name, WeightUses uses, WeightForms forms, WeightPlaces.Compiler compiler) {
    Set<Request> asked = WeightPlaces.requests(uses, forms);
    List<Request> open =
        asked.stream().filter(r -> r.form().dtype() != r.weight().dtype()).toList();
    Map<Request, Stored> places = new LinkedHashMap<>();
    asked.forEach(r -> places.put(r, new Stored(r.weight(), r.weight())));
    List<Path> files = new ArrayList<>();
    if (!open.isEmpty()) {
      Path file = folder.resolve(key(open) + ".safetensors");
      places.putAll(prepared(name, file, open));
      files.add(file);
    }
    WeightPlaces known = WeightPlaces.of(forms, places);
    return new Compiled(compiler.compile(known), known.folder(), List.copyOf(files));
  }

  private Map<Request, Stored> prepared(String stage, Path file, List<Request> open) {
    Map<String, WeightTensor> found =
        DerivedFile.open(file, () -> write(stage, file, open)).stream()
            .collect(Collectors.toMap(WeightTensor::name, t -> t));
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

  private long write(String stage, Path file, List<Request> open) {
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
      long total = open.stream().mapToLong(r -> r.weight().bytes()).sum();
      long done = 0;
      for (Request request : open) {
        if (request.form().quantized()) {
          Quantizer.Result result = Quantizer.quantize(request.weight(), request.form());
          writer.write(result.values());
          writer.write(result.scales());
        } else {
          convert(request, writer);
        }
        done += request.weight().bytes();
        listener.progress("preparing " + stage, done, total);
      }
      writer.commit();
      return writer.checksum();
    }
  }

  private static SafetensorsWriter.Entry entry(String name, DType dtype, List<Long> shape) {
    return new SafetensorsWriter.Entry(name, dtype, shape);
  }

  /** Writes a weight as float32 or binary16. */
  private static void convert(Request request, SafetensorsWriter writer) {
    DType dtype = request.form().dtype();
    request.weight().stream(PIECE, (floats, count) -> writer.write(floats, count, dtype));
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
