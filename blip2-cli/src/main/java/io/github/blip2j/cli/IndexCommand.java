package io.github.blip2j.cli;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.blip2j.Blip2;
import io.github.blip2j.core.Capability;
import io.github.blip2j.core.UnreadableImageException;
import io.github.blip2j.search.Blip2Index;
import io.github.blip2j.search.Hit;
import io.github.blip2j.search.IndexedImage;
import io.github.blip2j.search.SearchOptions;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code blip2 index add|search|delete|export|merge} */
@Command(
    name = "index",
    description = {
      "Keeps an index of images and searches it.",
      "Needs a checkpoint such as blip2-itm-vit-g; an index belongs to the one that filled it."
    },
    mixinStandardHelpOptions = true,
    footer = {
      "",
      "Example:",
      "  blip2 index add --model DIR --index photos.index photos/a.jpg",
      "  blip2 index search --model DIR --index photos.index \"a dog\""
    })
@SuppressWarnings("NullAway.Init")
final class IndexCommand {
  /** After so many images what has been added is kept: minutes of work, and few small segments. */
  static final int KEPT_TOGETHER = 500;

  @Spec CommandSpec spec;

  @Command(
      name = "add",
      description = {
        "Adds images, each under its path; says which cannot be used, and goes on.",
        "After every " + KEPT_TOGETHER + " images what has been added is kept, whatever ends it:",
        "with --only-new the same command goes on from there."
      },
      mixinStandardHelpOptions = true,
      footer = {"", "Example:", "  blip2 index add --model DIR --index photos.index photos"})
  int add(
      @Mixin ModelOptions model,
      @Option(names = "--index", required = true, paramLabel = "DIR", description = "The index.")
          Path index,
      @Option(names = "--field", paramLabel = "NAME=VALUE", description = "To filter by.")
          @Nullable Map<String, String> fields,
      @Option(
              names = "--only-new",
              description = "Leave out images whose path the index has, changed or not.")
          boolean onlyNew,
      @Option(names = "--json", description = "Print a JSON object.") boolean json,
      @Parameters(
              paramLabel = "IMAGE",
              arity = "1..*",
              description = "Image files, folders with images, or patterns.")
          List<String> images) {
    PrintWriter err = spec.commandLine().getErr();
    model.check();
    ImageFiles files = ImageFiles.of(images);
    Map<String, String> missing = Inputs.withoutStandardInput().missing(files.names(), err);
    files.unreadable().values().forEach(reason -> Faults.say(err, reason));
    List<String> names = new ArrayList<>(files.names());
    names.removeAll(missing.keySet());
    if (names.isEmpty()) {
      return Faults.FAILED;
    }
    boolean whole = missing.isEmpty() && files.unreadable().isEmpty();
    try (Blip2 blip2 = model.load(err, Capability.MATCH);
        Blip2Index opened = Blip2Index.open(index, blip2)) {
      if (onlyNew) {
        names.removeIf(opened::hasImage);
      }
      whole &= add(blip2, opened, names, fields == null ? Map.of() : fields);
      count(index, opened, json);
    }
    return whole ? 0 : Faults.FAILED;
  }

  /** Adds images and keeps them; gives whether all could be used. */
  private boolean add(
      Blip2 blip2, Blip2Index index, List<String> names, Map<String, String> fields) {
    PrintWriter err = spec.commandLine().getErr();
    Inputs inputs = Inputs.withoutStandardInput();
    boolean whole = true;
    try (ProgressBar bar = ProgressBar.on(err)) {
      for (int i = 0; i < names.size(); i++) {
        bar.update("indexing", i, names.size(), ProgressBar.Unit.ITEMS);
        try {
          index.addImage(names.get(i), inputs.usable(names.get(i), blip2), fields);
        } catch (UnreadableImageException e) {
          whole = false;
          Faults.say(err, String.valueOf(e.getMessage()));
        }
        if ((i + 1) % KEPT_TOGETHER == 0) {
          index.commit();
        }
      }
    }
    index.commit();
    return whole;
  }

  /** Says how many images an index has. */
  private void count(Path index, Blip2Index opened, boolean json) {
    if (json) {
      ObjectNode node = Output.MAPPER.createObjectNode().put("index", index.toString());
      spec.commandLine().getOut().println(node.put("images", opened.images()));
      spec.commandLine().getOut().flush();
    } else {
      spec.commandLine()
          .getErr()
          .println(opened.images() + (opened.images() == 1 ? " image" : " images"));
      spec.commandLine().getErr().flush();
    }
  }

  @Command(
      name = "delete",
      description = "Deletes images.",
      mixinStandardHelpOptions = true,
      footer = {
        "",
        "Example:",
        "  blip2 index delete --model DIR --index photos.index photos/a.jpg"
      })
  int delete(
      @Mixin ModelOptions model,
      @Option(names = "--index", required = true, paramLabel = "DIR", description = "The index.")
          Path index,
      @Option(names = "--json", description = "Print a JSON object.") boolean json,
      @Parameters(paramLabel = "IMAGE", arity = "1..*", description = "As they were added.")
          List<String> images) {
    requireIndex(index);
    try (Blip2 blip2 = model.load(spec.commandLine().getErr(), Capability.MATCH);
        Blip2Index opened = Blip2Index.open(index, blip2)) {
      images.forEach(opened::deleteImage);
      opened.commit();
      count(index, opened, json);
    }
    return 0;
  }

  @Command(
      name = "search",
      description = "Finds images by a text, or by an image.",
      mixinStandardHelpOptions = true,
      footer = {"", "Example:", "  blip2 index search --model DIR --index photos.index \"a dog\""})
  int search(
      @Mixin ModelOptions model,
      @Option(names = "--index", required = true, paramLabel = "DIR", description = "The index.")
          Path index,
      @Option(names = "--limit", paramLabel = "N", defaultValue = "10", description = "Most hits.")
          int limit,
      @Option(names = "--field", paramLabel = "NAME=VALUE", description = "To filter by.")
          @Nullable Map<String, String> fields,
      @Option(
              names = "--rerank",
              paramLabel = "N",
              defaultValue = "0",
              description = "Best N that matching reads with the text (default: 0).")
          int rerank,
      @Option(names = "--image", description = "The query is an image file.") boolean image,
      @Option(names = "--json", description = "Print a JSON object a hit.") boolean json,
      @Parameters(paramLabel = "QUERY", description = "A text, or an image file.") String query) {
    SearchOptions options =
        SearchOptions.best(limit).withFilter(fields == null ? Map.of() : fields);
    requireRerank(rerank, image);
    requireIndex(index);
    model.check();
    Inputs inputs = Inputs.withStandardInput();
    if (image) {
      inputs.require(query);
    }
    try (Blip2 blip2 = model.load(spec.commandLine().getErr(), Capability.MATCH);
        Blip2Index opened = Blip2Index.openReadOnly(index, blip2)) {
      List<Hit> hits;
      if (image) {
        hits = opened.images(inputs.image(query), options);
      } else if (rerank > 0) {
        hits = opened.images(query, options, rerank, inputs::image);
      } else {
        hits = opened.images(query, options);
      }
      print(hits, json);
    }
    return 0;
  }

  private void print(List<Hit> hits, boolean json) {
    PrintWriter out = spec.commandLine().getOut();
    hits.forEach(hit -> out.println(json ? line(hit) : text(hit)));
    out.flush();
  }

  @Command(
      name = "export",
      description = "Prints every image with its vectors, a JSON object a line.",
      mixinStandardHelpOptions = true,
      footer = {
        "",
        "Example:",
        "  blip2 index export --model DIR --index photos.index > photos.jsonl"
      })
  int export(
      @Mixin ModelOptions model,
      @Option(names = "--index", required = true, paramLabel = "DIR", description = "The index.")
          Path index) {
    requireIndex(index);
    model.check();
    PrintWriter out = spec.commandLine().getOut();
    try (Blip2 blip2 = model.load(spec.commandLine().getErr(), Capability.MATCH);
        Blip2Index opened = Blip2Index.openReadOnly(index, blip2)) {
      opened.forEachImage(image -> out.println(exported(image)));
    }
    out.flush();
    return 0;
  }

  private static String exported(IndexedImage image) {
    ObjectNode node = Output.MAPPER.createObjectNode().put("image", image.id());
    ObjectNode fields = node.putObject("fields");
    image.fields().forEach(fields::put);
    ArrayNode vectors = node.putArray("vectors");
    for (float[] vector : image.vectors()) {
      ArrayNode one = vectors.addArray();
      for (float value : vector) {
        one.add(value);
      }
    }
    return node.toString();
  }

  @Command(
      name = "merge",
      description = {
        "Adds what other indexes have, in place of images of the same path.",
        "All belong to the same checkpoint; the others stay as they are."
      },
      mixinStandardHelpOptions = true,
      footer = {
        "",
        "Example:",
        "  blip2 index merge --model DIR --index photos.index shard-0.index shard-1.index"
      })
  int merge(
      @Mixin ModelOptions model,
      @Option(
              names = "--index",
              required = true,
              paramLabel = "DIR",
              description = "The index; made if it is not there.")
          Path index,
      @Option(names = "--json", description = "Print a JSON object.") boolean json,
      @Parameters(paramLabel = "DIR", arity = "1..*", description = "Other indexes.")
          List<Path> others) {
    others.forEach(IndexCommand::requireIndex);
    model.check();
    try (Blip2 blip2 = model.load(spec.commandLine().getErr(), Capability.MATCH);
        Blip2Index opened = Blip2Index.open(index, blip2)) {
      others.forEach(opened::merge);
      opened.commit();
      count(index, opened, json);
    }
    return 0;
  }

  private static void requireRerank(int rerank, boolean image) {
    if (rerank < 0 || rerank > 0 && image) {
      throw new IllegalArgumentException(
          "--rerank (" + rerank + ") must be at least 0, and 0 with --image");
    }
  }

  /** Before a model is loaded for it, and an empty index made where none was. */
  private static void requireIndex(Path index) {
    if (!Files.isDirectory(index)) {
      throw new IllegalArgumentException(index + ": expected an index, found no directory");
    }
  }

  private static String text(Hit hit) {
    return String.format(Locale.ROOT, "%.4f  %s", hit.similarity(), hit.id());
  }

  private static String line(Hit hit) {
    ObjectNode node = Output.MAPPER.createObjectNode();
    node.put("image", hit.id()).put("itc_similarity", hit.similarity());
    hit.itmProbability().ifPresent(p -> node.put("itm_probability", p));
    ObjectNode fields = node.putObject("fields");
    hit.fields().forEach(fields::put);
    return node.toString();
  }
}
