package io.github.blip2j.testkit;

import io.github.blip2j.checkpoint.Checkpoint;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;

/** Checkpoints and images of the test resources, as real files wherever the resources lie. */
public final class Fixtures {
  /** The OPT checkpoints: float32 in one file, float16 in shards, bfloat16. */
  public static final List<String> OPT_CHECKPOINTS =
      List.of("tiny-opt", "tiny-opt-fp16-sharded", "tiny-opt-bf16");

  /** All checkpoints that write text: those of OPT, and one with T5's encoder and decoder. */
  public static final List<String> WRITING_CHECKPOINTS =
      List.of("tiny-opt", "tiny-opt-fp16-sharded", "tiny-opt-bf16", "tiny-t5");

  /** Checkpoints of BLIP-2's relatives that write text. */
  public static final List<String> RELATIVES =
      List.of(
          "tiny-instructblip-t5",
          "tiny-instructblip-vicuna",
          "tiny-instructblip-vicuna-gqa",
          "tiny-blip2-llama",
          "tiny-blip2-qwen2",
          "tiny-mblip-mt0",
          "tiny-mblip-bloomz");

  /** Those whose Q-Former reads instructions, and which take several images in one prompt. */
  public static final List<String> INSTRUCTED =
      List.of("tiny-instructblip-t5", "tiny-instructblip-vicuna", "tiny-instructblip-vicuna-gqa");

  /** BLIP-2's first stage as LAVIS stores it, behind ViT-g and behind CLIP's ViT-L. */
  public static final List<String> FIRST_STAGE = List.of("tiny-itg", "tiny-itg-vitl");

  /** The checkpoint that the adapters are for. */
  public static final String ADAPTED = "tiny-opt-bin";

  /** Adapters: plain; rank-stabilised with patterns over three towers; DoRA with biases. */
  public static final List<String> ADAPTERS =
      List.of("tiny-opt-lora", "tiny-opt-lora-regex", "tiny-opt-dora");

  /** The same weights as bitsandbytes saves them: in eight bits, and in NF4. */
  public static final List<String> QUANTIZED = List.of("tiny-opt-bnb8", "tiny-opt-nf4");

  /**
   * Checkpoints in PyTorch's own files, one and several, with each of the adapters, and quantised.
   */
  public static final List<String> VARIANTS =
      List.of(
          ADAPTED,
          "tiny-opt-bin-sharded",
          "tiny-opt-lora",
          "tiny-opt-lora-regex",
          "tiny-opt-dora",
          "tiny-opt-bnb8",
          "tiny-opt-nf4");

  private static final Map<String, Path> COPIES = new ConcurrentHashMap<>();

  private Fixtures() {}

  /** A directory of fixtures, such as {@code tiny-opt} or {@code images}. Not to be written to. */
  public static Path directory(String name) {
    return COPIES.computeIfAbsent(name, Fixtures::unpack);
  }

  /**
   * A fixture checkpoint; of an adapter's name {@link #ADAPTED} with that adapter.
   *
   * @param cache where what is derived of it is kept
   */
  public static Checkpoint checkpoint(String name, Path cache) {
    return ADAPTERS.contains(name)
        ? Checkpoint.open(directory(ADAPTED), cache).withAdapter(directory(name), cache)
        : Checkpoint.open(directory(name), cache);
  }

  /** One of {@link #FIRST_STAGE}, which share the file of the Q-Former. Not to be written to. */
  public static Path firstStage(String name) {
    Path directory = directory(name);
    Path own = directory.resolve("blip2_pretrained.pth");
    synchronized (COPIES) {
      if (!Files.exists(own)) {
        try {
          Files.copy(directory(FIRST_STAGE.get(0)).resolve(own.getFileName()), own);
        } catch (IOException e) {
          throw new UncheckedIOException(e);
        }
      }
    }
    return directory;
  }

  /** One of the fixture images. */
  public static Path image(String name) {
    return directory("images").resolve(name);
  }

  /** A copy of a fixture directory that a test may spoil. */
  public static Path copy(String name, Path target) {
    copyTree(directory(name), target);
    return target;
  }

  private static Path unpack(String name) {
    try {
      Path target = Files.createTempDirectory("blip2-fixtures-");
      Runtime.getRuntime().addShutdownHook(new Thread(() -> delete(target)));
      var uri =
          Objects.requireNonNull(Fixtures.class.getResource("/fixtures/" + name), name).toURI();
      if (uri.getScheme().equals("jar")) {
        try (FileSystem jar = FileSystems.newFileSystem(uri, Map.of())) {
          copyTree(jar.getPath("/fixtures/" + name), target);
        }
      } else {
        copyTree(Path.of(uri), target);
      }
      return target;
    } catch (IOException | java.net.URISyntaxException e) {
      throw new IllegalStateException(name, e);
    }
  }

  private static void copyTree(Path source, Path target) {
    try (Stream<Path> files = Files.walk(source)) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        Path to = target.resolve(source.relativize(file).toString());
        Files.createDirectories(Objects.requireNonNull(to.getParent()));
        try (InputStream in = Files.newInputStream(file)) {
          Files.copy(in, to);
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void delete(Path folder) {
    try (Stream<Path> files = Files.walk(folder)) {
      files.sorted(java.util.Comparator.reverseOrder()).forEach(f -> f.toFile().delete());
    } catch (IOException e) {
      // A leftover in the temporary folder harms nobody.
    }
  }
}
