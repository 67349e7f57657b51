package io.github.blip2j.cli;

import io.github.blip2j.Blip2;
import io.github.blip2j.core.Capability;
import io.github.blip2j.mcp.McpOptions;
import io.github.blip2j.mcp.McpService;
import java.io.FileDescriptor;
import java.io.FileInputStream;
import java.io.FileOutputStream;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code blip2 mcp}: the model as tools of an assistant, over standard input and output. */
@Command(
    name = "mcp",
    description = {
      "Gives an assistant eyes: a server of the Model Context Protocol over standard input and"
          + " output.",
      "It looks at images in the folders that are named here and at no others. docs/mcp.md has the"
          + " tools and how programs are told of them."
    },
    mixinStandardHelpOptions = true,
    footer = {"", "Example:", "  blip2 mcp --model Salesforce/blip2-opt-2.7b photos"})
@SuppressWarnings("NullAway.Init")
final class McpCommand implements Callable<Integer> {
  private static final long IMAGE_CACHE = 64L << 20; // bytes: 200 images of blip2-opt-2.7b

  @Spec CommandSpec spec;
  @Mixin ModelOptions model;

  @Option(
      names = "--match-model",
      paramLabel = "MODEL",
      description =
          "A second checkpoint, which matches images and texts, for match_image and search_images"
              + " (default: the built-in one, unless --model is given).")
  @Nullable String matcher;

  @Option(
      names = "--index",
      paramLabel = "DIR",
      description =
          "An index of the folders, which \"blip2 index add\" filled under absolute paths (default:"
              + " images are indexed while they are searched).")
  @Nullable Path index;

  @Parameters(
      paramLabel = "FOLDER",
      arity = "0..*",
      description = "Whose images may be looked at (default: none, only data: URIs).")
  List<Path> folders = List.of();

  private final InputStream in;
  private final OutputStream out;

  McpCommand() {
    this(new FileInputStream(FileDescriptor.in), new FileOutputStream(FileDescriptor.out));
  }

  /** Speaks over these streams. */
  McpCommand(InputStream in, OutputStream out) {
    this.in = in;
    this.out = out;
  }

  @Override
  public Integer call() throws InterruptedException {
    PrintWriter err = spec.commandLine().getErr();
    model.imageCache = IMAGE_CACHE;
    model.check();
    checkFolders();
    PrintStream before = System.out;
    System.setOut(System.err); // standard output is the protocol's
    try (Blip2 first = model.loadAny(err, Capability.GENERATE);
        Blip2 second = second(first)) {
      boolean writes = first.capabilities().contains(Capability.GENERATE);
      McpOptions options =
          McpOptions.of(writes ? first : null, writes ? second : first, absolute(folders));
      err.println("blip2: ready");
      err.flush();
      McpService.serve(index == null ? options : options.withIndex(index), in, out);
    } finally {
      System.setOut(before);
    }
    return 0;
  }

  /** Before a model is loaded for them. */
  private void checkFolders() {
    for (Path folder : folders) {
      if (!Files.isDirectory(folder)) {
        throw new IllegalArgumentException(folder + ": expected a folder, found none");
      }
    }
    if (index != null && !Files.isDirectory(index)) {
      throw new IllegalArgumentException(index + ": expected an index, found no directory");
    }
  }

  private static List<Path> absolute(List<Path> folders) {
    return folders.stream().map(Path::toAbsolutePath).toList();
  }

  /** The model that matches, if the first does not and one is wanted. */
  private @Nullable Blip2 second(Blip2 first) {
    boolean matches = first.capabilities().contains(Capability.MATCH);
    if (matcher != null && matches) {
      throw new IllegalArgumentException(
          "--match-model ("
              + matcher
              + ") must be left out: --model matches images and texts itself");
    }
    return matches || matcher == null && !model.isBuiltIn() ? null : model.loadMatcher(matcher);
  }
}
