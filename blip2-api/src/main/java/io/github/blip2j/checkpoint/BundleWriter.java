package io.github.blip2j.checkpoint;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.blip2j.core.CheckpointException;
import io.github.blip2j.core.LoadListener;
import io.github.blip2j.files.PreparedWeight;
import io.github.blip2j.files.SafetensorsWriter;
import io.github.blip2j.files.WeightFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * Writes a bundle: the settings as they are, the weights as a backend prepared them, and what tells
 * of both. The folder appears when all of it is on the disk.
 */
final class BundleWriter {
  private static final String WEIGHTS = "model.safetensors";
  private static final String SUMS = "SHA256SUMS";

  private final Checkpoint checkpoint;
  private final Bundle.About about;
  private final List<PreparedWeight> weights;

  BundleWriter(Bundle.Contents contents) {
    this.checkpoint = contents.checkpoint();
    this.about = contents.about();
    this.weights = contents.weights();
  }

  void write(Path output, LoadListener listener) {
    WeightFiles original = WeightFiles.of(checkpoint.weightFiles());
    long bytes = weights.stream().mapToLong(PreparedWeight::bytes).sum();
    try (NewFolder folder = new NewFolder(output)) {
      folder.requireRoom(bytes);
      CopiedFiles.copy(checkpoint.directory(), folder.folder());
      writeWeights(folder.folder().resolve(WEIGHTS), Math.max(1, bytes), listener);
      original.requireSame();
      describe(folder.folder());
      folder.commit();
    } catch (IOException e) {
      throw new CheckpointException(output + ": cannot be written: " + e, e);
    }
  }

  private void writeWeights(Path file, long bytes, LoadListener listener) {
    List<SafetensorsWriter.Entry> entries =
        weights.stream().flatMap(w -> w.entries().stream()).toList();
    Map<String, String> metadata =
        Map.of("format", "blip2-bundle", "layout", String.valueOf(Bundle.LAYOUT));
    try (SafetensorsWriter writer = new SafetensorsWriter(file, entries, metadata)) {
      long done = 0;
      listener.progress("converting weights", done, bytes);
      for (PreparedWeight weight : weights) {
        weight.data().accept(writer);
        done += weight.bytes();
        listener.progress("converting weights", done, bytes);
      }
      writer.commit();
    }
  }

  /** {@code bundle.json} has the digests of all others, {@code SHA256SUMS} those of all. */
  private void describe(Path folder) throws IOException {
    ObjectNode root = JsonNodeFactory.instance.objectNode();
    root.put("layout", Bundle.LAYOUT).put("written_by", writer()).put("backend", about.backend());
    ObjectNode precisions = root.putObject("precisions");
    precisions.put("vision", about.precisions().vision().label());
    precisions.put("qformer", about.precisions().qformer().label());
    precisions.put("language", about.precisions().language().label());
    Bundle.Calibrated calibration = about.calibration();
    if (calibration != null) {
      root.putObject(Bundle.CALIBRATION)
          .put("images", calibration.images())
          .put("texts", calibration.texts());
    }
    ObjectNode source = root.putObject("source").put("model", about.origin().model());
    if (!about.origin().revision().isEmpty()) {
      source.put("revision", about.origin().revision());
    }
    source.put("identity", checkpoint.identity());
    root.put("licence", about.origin().licence());
    describeWeights(root.putObject("weights"));
    List<String> sums = new ArrayList<>();
    ObjectNode described = root.putObject("files");
    for (Path file : CopiedFiles.of(folder)) {
      String sum = BundleFiles.sha256(file);
      String name = CopiedFiles.nameIn(folder, file);
      described.putObject(name).put("bytes", Files.size(file)).put("sha256", sum);
      sums.add(sum + "  " + name);
    }
    Path description = folder.resolve(Bundle.FILE);
    Files.writeString(description, root.toPrettyString() + "\n");
    sums.add(BundleFiles.sha256(description) + "  " + Bundle.FILE);
    Files.writeString(folder.resolve(SUMS), String.join("\n", sums) + "\n");
  }

  private void describeWeights(ObjectNode described) {
    for (PreparedWeight weight : weights) {
      if (!weight.form().equals(PreparedWeight.PLAIN)) {
        String name = weight.weight().name();
        if (!described.has(name)) {
          weight.weight().shape().forEach(described.putObject(name).putArray("shape")::add);
        }
        ((ObjectNode) described.get(name)).withArray("forms").add(weight.form());
      }
    }
  }

  private static String writer() {
    String version = BundleWriter.class.getPackage().getImplementationVersion();
    return "blip2j " + Objects.requireNonNullElse(version, "in development");
  }
}
