package io.github.blip2j.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.blip2j.Blip2;
import io.github.blip2j.core.Capability;
import io.github.blip2j.core.UnreadableImageException;
import io.github.blip2j.search.Blip2Index;
import io.github.blip2j.search.Hit;
import io.github.blip2j.search.SearchOptions;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
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

/** {@code blip2 index add|search|delete} */
@Command(
    name = "index",
    description = {
      "Keeps an index of pictures and searches it.",
      "Needs a checkpoint such as blip2-itm-vit-g; an index belongs to the one that filled it."
    },
    mixinStandardHelpOptions = true)
@SuppressWarnings("NullAway.Init")
final class IndexCommand {
  @Spec CommandSpec spec;

  @Command(
      name = "add",
      description = "Adds pictures, each under its path.",
      mixinStandardHelpOptions = true)
  int add(
      @Mixin ModelOptions model,
      @Option(names = "--index", required = true, paramLabel = "DIR", description = "The index.")
          Path index,
      @Option(names = "--field", paramLabel = "NAME=VALUE", description = "To filter by.")
          @Nullable Map<String, String> fields,
      @Parameters(paramLabel = "PICTURE", arity = "1..*", description = "Picture files.")
          List<String> pictures) {
    PrintWriter err = spec.commandLine().getErr();
    model.check();
    Inputs inputs = Inputs.withoutStandardInput();
    Map<String, String> missing = inputs.missing(pictures, err);
    if (missing.keySet().containsAll(pictures)) {
      return 1;
    }
    int status = missing.isEmpty() ? 0 : 1;
    try (Blip2 blip2 = model.load(err, Capability.MATCH);
        Blip2Index opened = Blip2Index.open(index, blip2);
        ProgressBar bar = ProgressBar.on(err)) {
      int done = 0;
      for (String picture : pictures) {
        bar.update("indexing", done++, pictures.size(), ProgressBar.Unit.ITEMS);
        if (missing.containsKey(picture)) {
          continue;
        }
        try {
          opened.addImage(picture, inputs.image(picture), fields == null ? Map.of() : fields);
        } catch (UnreadableImageException e) {
          status = 1;
          err.println("blip2: " + e.getMessage());
        }
      }
      opened.commit();
      bar.close();
      err.println(opened.images() + " pictures");
      err.flush();
    }
    return status;
  }

  @Command(name = "delete", description = "Deletes pictures.", mixinStandardHelpOptions = true)
  int delete(
      @Mixin ModelOptions model,
      @Option(names = "--index", required = true, paramLabel = "DIR", description = "The index.")
          Path index,
      @Parameters(paramLabel = "PICTURE", arity = "1..*", description = "As they were added.")
          List<String> pictures) {
    requireIndex(index);
    try (Blip2 blip2 = model.load(spec.commandLine().getErr(), Capability.MATCH);
        Blip2Index opened = Blip2Index.open(index, blip2)) {
      pictures.forEach(opened::deleteImage);
      opened.commit();
      spec.commandLine().getErr().println(opened.images() + " pictures");
      spec.commandLine().getErr().flush();
    }
    return 0;
  }

  @Command(
      name = "search",
      description = "Finds pictures by a text, or by a picture.",
      mixinStandardHelpOptions = true)
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
      @Option(names = "--image", description = "The query is a picture file.") boolean image,
      @Option(names = "--json", description = "Print a JSON object a hit.") boolean json,
      @Parameters(paramLabel = "QUERY", description = "A text, or a picture file.") String query) {
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
