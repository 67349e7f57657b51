package io.github.blip2j.cli;

import io.github.blip2j.Blip2;
import io.github.blip2j.core.Capability;
import io.github.blip2j.server.ServedModel;
import io.github.blip2j.server.ServerLimits;
import io.github.blip2j.server.ServerOptions;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Models that are served beside the first; owns them. For one thread. */
final class FurtherModels implements AutoCloseable {
  private final ModelOptions options;
  private final PrintWriter err;
  private final ServerLimits limits;
  private final List<ServedModel> models = new ArrayList<>();

  FurtherModels(ModelOptions options, PrintWriter err, ServerLimits limits) {
    this.options = options;
    this.err = err;
    this.limits = limits;
  }

  /**
   * Loads them; if one cannot be, those before it are closed.
   *
   * @param precisions in which the first model is loaded again
   * @param matchModel one that matches, or null for the built-in one beside the built-in writer
   * @param matches whether the first is the built-in one that matches
   */
  FurtherModels load(List<String> precisions, @Nullable String matchModel, boolean matches) {
    try {
      Capability builtIn = matches ? Capability.MATCH : Capability.GENERATE;
      for (String precision : precisions) {
        err.println("Loading the model in " + precision + " too");
        err.flush();
        add(
            precision.replace(',', '_'),
            options.loadBeside(precision, builtIn, limits.concurrency(), limits.queue()));
      }
      if (matchModel != null || options.isBuiltIn() && !matches) {
        add("matcher", options.loadMatcher(matchModel));
      }
      return this;
    } catch (RuntimeException | Error e) {
      close();
      throw e;
    }
  }

  private void add(String name, Blip2 blip2) {
    models.add(new ServedModel(name, blip2));
  }

  /**
   * A search of an index, or of nothing; owns it.
   *
   * @param index or null
   */
  record Search(@Nullable IndexSearch index) implements AutoCloseable {
    /** The options of a server that searches it. */
    ServerOptions added(ServerOptions options) {
      return index == null ? options : options.withSearch(index);
    }

    @Override
    public void close() {
      if (index != null) {
        index.close();
      }
    }
  }

  /**
   * Opens an index.
   *
   * @param index its folder, or null for none
   * @param first the first model
   * @throws IllegalArgumentException if no model matches
   */
  Search search(@Nullable Path index, Blip2 first) {
    if (index == null) {
      return new Search(null);
    }
    if (!Files.isDirectory(index)) {
      throw new IllegalArgumentException(index + ": expected an index, found no directory");
    }
    Blip2 matcher =
        Stream.concat(Stream.of(first), models.stream().map(ServedModel::blip2))
            .filter(blip2 -> blip2.capabilities().contains(Capability.MATCH))
            .findFirst()
            .orElseThrow(
                () ->
                    new IllegalArgumentException(
                        "--index must come with a model that matches: --model or --match-model"));
    return new Search(new IndexSearch(index, matcher));
  }

  /** All of them. */
  List<ServedModel> models() {
    return List.copyOf(models);
  }

  @Override
  public void close() {
    models.forEach(model -> model.blip2().close());
  }
}
