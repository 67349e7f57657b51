package io.github.blip2j.onnx;

import io.github.blip2j.checkpoint.Bundle;
import io.github.blip2j.checkpoint.Checkpoint;
import io.github.blip2j.core.CheckpointException;
import io.github.blip2j.core.LoadListener;
import io.github.blip2j.files.DType;
import io.github.blip2j.files.DerivedFile;
import io.github.blip2j.files.PreparedWeight;
import io.github.blip2j.files.SafetensorsWriter;
import io.github.blip2j.files.WeightFiles;
import io.github.blip2j.files.WeightTensor;
import io.github.blip2j.onnx.WeightPlaces.Request;
import io.github.blip2j.onnx.WeightPlaces.Stored;
import io.github.blip2j.spi.LayerInputs;
import io.github.blip2j.spi.LayerInputs.Samples;
import io.github.blip2j.stage.NormFold;
import io.github.blip2j.stage.WeightUses;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Weights of one stage that the runtime cannot use as they are stored: quantised, of 16 bits and
 * made float32, which is exact, or rounded to 16 bits. They are made once and kept in a file that
 * the runtime maps, with a checksum: one that is damaged is made anew.
 */
final class PreparedWeights {
  private static final int VERSION = 5;

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
   * Compiles a stage, after preparing what it asks for and no file has yet.
   *
   * @param name is told to the listener and noted in the file
   * @param uses its weights
   */
  Compiled compile(String name, WeightUses uses, StageForms forms, WeightPlaces.Compiler compiler) {
    List<Request> open = new ArrayList<>();
    Map<Request, Stored> places = new LinkedHashMap<>();
    for (Request request : WeightPlaces.requests(uses, forms)) {
      Stored lying = lying(request);
      if (lying == null) {
        open.add(request);
      } else {
        places.put(request, lying);
      }
    }
    List<Path> files = new ArrayList<>();
    if (!open.isEmpty()) {
      WeightFiles sources = WeightFiles.holding(open.stream().map(Request::weight).toList());
      Path file = folder.resolve(key(open) + ".safetensors");
      places.putAll(prepared(name, file, sources, open));
      files.add(file);
    }
    WeightPlaces known = WeightPlaces.of(forms, places);
    return new Compiled(compiler.compile(known), known.folder(), List.copyOf(files));
  }

  /** Where a bundle or the checkpoint itself has a weight in a form; null if neither has. */
  private @Nullable Stored lying(Request request) {
    WeightTensor weight = request.weight();
    WeightForm form = request.form();
    Bundle bundle = checkpoint.bundle();
    if (bundle != null) {
      WeightTensor values = bundle.find(PreparedWeight.name(weight.name(), request.label()));
      WeightTensor scales = bundle.find(PreparedWeight.scales(weight.name(), request.label()));
      if (values != null) {
        return stored(request, values, form.quantized() ? scales : values, values.file());
      }
      bundle.requireReadable(weight, request.label());
    }
    boolean asItIs = !form.quantized() && request.fold() == null && form.dtype() == weight.dtype();
    return asItIs ? new Stored(weight, weight) : null;
  }

  private Map<Request, Stored> prepared(
      String stage, Path file, WeightFiles sources, List<Request> open) {
    Map<String, WeightTensor> found =
        DerivedFile.open(file, sources, () -> write(stage, file, open)).stream()
            .collect(Collectors.toMap(WeightTensor::name, t -> t));
    Map<Request, Stored> places = new LinkedHashMap<>();
    for (Request request : open) {
      String name = request.weight().name();
      String form = request.label();
      WeightTensor values = found.get(PreparedWeight.name(name, form));
      WeightTensor scales =
          request.form().quantized() ? found.get(PreparedWeight.scales(name, form)) : values;
      places.put(request, stored(request, values, scales, file));
    }
    return places;
  }

  private static Stored stored(
      Request request, @Nullable WeightTensor values, @Nullable WeightTensor scales, Path file) {
    WeightForm form = request.form();
    WeightTensor weight = request.weight();
    boolean whole =
        values != null
            && scales != null
            && values.dtype() == form.dtype()
            && values.shape().equals(form.shape(weight))
            && (!form.quantized() || scales.shape().equals(form.scales(weight)));
    if (!whole) {
      throw new CheckpointException(
          String.format(
              Locale.ROOT,
              "%s: expected %s as %s, not found; delete this file, or of a bundle convert the"
                  + " checkpoint again",
              file,
              weight.name(),
              request.label()));
    }
    return new Stored(Objects.requireNonNull(values), Objects.requireNonNull(scales));
  }

  private long write(String stage, Path file, List<Request> open) {
    Fitting fitting = new Fitting(layer -> Optional.empty());
    List<PreparedWeight> weights = open.stream().map(r -> prepared(r, r.label(), fitting)).toList();
    List<SafetensorsWriter.Entry> entries =
        weights.stream().flatMap(w -> w.entries().stream()).toList();
    Map<String, String> metadata =
        Map.of("stage", stage, "checkpoint", checkpoint.directory().toString());
    try (SafetensorsWriter writer = new SafetensorsWriter(file, entries, metadata)) {
      long total = open.stream().mapToLong(r -> r.weight().bytes()).sum();
      long done = 0;
      for (PreparedWeight weight : weights) {
        weight.data().accept(writer);
        done += weight.weight().bytes();
        listener.progress("preparing " + stage, done, total);
      }
      writer.commit();
      return writer.checksum();
    }
  }

  /**
   * What a bundle holds of weights: those that are not quantised as ordinary tensors under their
   * own names, float32 before float16 where both are asked for.
   *
   * @param inputs what layers are given, for those that are rounded to four bits
   */
  static List<PreparedWeight> all(Set<Request> requests, LayerInputs inputs) {
    Fitting fitting = new Fitting(inputs);
    return requests.stream()
        .map(r -> prepared(r, isPlain(r, requests) ? PreparedWeight.PLAIN : r.label(), fitting))
        .toList();
  }

  private static boolean isPlain(Request request, Set<Request> all) {
    return !request.form().quantized() && request.fold() == null && !isSecond(request, all);
  }

  private static boolean isSecond(Request request, Set<Request> all) {
    return request.form() == WeightForm.FLOAT16
        && all.contains(new Request(request.weight(), WeightForm.FLOAT32));
  }

  /**
   * What weights are fitted to: what folds scale by, each computed once, since all weights of its
   * layers are read for it; and samples of what layers are given, the last of them kept, since
   * layers behind one norm follow one another. For one thread.
   */
  private static final class Fitting {
    private final Map<NormFold, float[]> known = new HashMap<>();
    private final LayerInputs inputs;
    private @Nullable Samples fitted;
    private @Nullable Request last;
    private @Nullable ErrorSpread spread;

    private Fitting(LayerInputs inputs) {
      this.inputs = inputs;
    }

    float @Nullable [] of(Request request) {
      NormFold fold = request.fold();
      return fold == null ? null : known.computeIfAbsent(fold, NormFold::factors);
    }

    @SuppressWarnings("ReferenceEquality") // the same samples, not the like
    @Nullable ErrorSpread spread(Request request) {
      Samples samples =
          request.form().isCalibrated() ? inputs.of(request.weight().name()).orElse(null) : null;
      if (samples == null) {
        return null;
      }
      if (samples != fitted || last == null || !alike(request, last)) {
        spread = ErrorSpread.of(samples, of(request), request.form().block());
        fitted = samples;
        last = request;
      }
      return spread;
    }

    private static boolean alike(Request a, Request b) {
      return a.form() == b.form() && Objects.equals(a.fold(), b.fold());
    }
  }

  private static PreparedWeight prepared(Request request, String form, Fitting fitting) {
    WeightTensor weight = request.weight();
    if (!request.form().quantized()) {
      return request.fold() == null
          ? PreparedWeight.of(weight, form, request.form().dtype())
          : folded(request, form, fitting);
    }
    List<SafetensorsWriter.Entry> entries =
        List.of(
            new SafetensorsWriter.Entry(
                PreparedWeight.name(weight.name(), form),
                request.form().dtype(),
                request.form().shape(weight)),
            new SafetensorsWriter.Entry(
                PreparedWeight.scales(weight.name(), form),
                DType.F32,
                request.form().scales(weight)));
    return new PreparedWeight(
        weight,
        form,
        entries,
        writer -> {
          List<ByteBuffer> scales = new ArrayList<>();
          float[] factors = fitting.of(request);
          ErrorSpread spread = fitting.spread(request);
          for (WeightTensor piece : Quantizer.pieces(weight, request.form(), Quantizer.PIECE)) {
            Quantizer.Result result = Quantizer.quantize(piece, request.form(), factors, spread);
            writer.write(result.values());
            scales.add(result.scales());
          }
          scales.forEach(writer::write);
        });
  }

  /** A norm's gain or shift, divided by the factors. */
  private static PreparedWeight folded(Request request, String form, Fitting fitting) {
    WeightTensor weight = request.weight();
    SafetensorsWriter.Entry entry =
        new SafetensorsWriter.Entry(
            PreparedWeight.name(weight.name(), form), DType.F32, weight.shape());
    return new PreparedWeight(
        weight,
        form,
        List.of(entry),
        writer -> {
          float[] values = weight.floats();
          float[] divisors = Objects.requireNonNull(fitting.of(request));
          for (int i = 0; i < values.length; i++) {
            values[i] /= divisors[i];
          }
          writer.write(values, values.length, DType.F32);
        });
  }

  /**
   * Which files the weights are from, how long and how old, where they lie in them, and what is
   * made of them.
   */
  private String key(List<Request> open) {
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      StringBuilder identity = new StringBuilder("prepared v" + VERSION);
      for (Path file : open.stream().map(r -> r.weight().file()).distinct().toList()) {
        identity.append('\n').append(file).append(' ').append(Files.size(file));
        identity.append(' ').append(Files.getLastModifiedTime(file).toMillis());
      }
      for (Request request : open) {
        WeightTensor weight = request.weight();
        identity.append('\n').append(PreparedWeight.name(weight.name(), request.label()));
        identity.append(' ').append(weight.dtype()).append(weight.shape());
        identity.append(' ').append(weight.offset()).append('+').append(weight.bytes());
      }
      byte[] hash = digest.digest(identity.toString().getBytes(StandardCharsets.UTF_8));
      return HexFormat.of().formatHex(hash, 0, 16);
    } catch (IOException e) {
      throw new CheckpointException(checkpoint.directory() + ": " + e.getMessage(), e);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has SHA-256", e);
    }
  }
}
