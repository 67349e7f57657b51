package io.github.blip2j.cli;

import io.github.blip2j.Blip2;
import io.github.blip2j.core.Capability;
import io.github.blip2j.server.AccessEntry;
import io.github.blip2j.server.Blip2Server;
import io.github.blip2j.server.ServerAccess;
import io.github.blip2j.server.ServerLimits;
import io.github.blip2j.server.ServerOptions;
import java.io.PrintWriter;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code blip2 serve}: the model behind HTTP, until the process is told to end. */
@Command(
    name = "serve",
    description = {
      "Serves the model over HTTP: a page, a JSON API, and that of OpenAI's clients.",
      "For this machine alone, unless --host says otherwise. docs/server.md has the routes."
    },
    mixinStandardHelpOptions = true,
    footer = {"", "Example:", "  blip2 serve --model DIR --port 8080"})
@SuppressWarnings("NullAway.Init")
final class ServeCommand implements Callable<Integer> {
  @Spec CommandSpec spec;
  @Mixin ModelOptions model;

  @Option(
      names = "--host",
      paramLabel = "ADDRESS",
      description = "Where to listen (default: ${DEFAULT-VALUE}); 0.0.0.0 for every network.")
  String host = "127.0.0.1";

  @Option(names = "--port", description = "Default: ${DEFAULT-VALUE}; 0 for any free one.")
  int port = ServerOptions.DEFAULT_PORT;

  @Option(
      names = "--token",
      paramLabel = "TOKEN",
      defaultValue = "${env:BLIP2_TOKEN}",
      description =
          "What requests must carry as Authorization: Bearer TOKEN; or the environment variable"
              + " BLIP2_TOKEN, which other users of this machine do not see (default: none).")
  @Nullable String token;

  @Option(
      names = "--allow-host",
      paramLabel = "NAME",
      description = "A name by which this machine may be asked; may be repeated.")
  List<String> hosts = List.of();

  @Option(
      names = "--allow-origin",
      paramLabel = "ORIGIN",
      description = "A web page's origin that may ask, as https://example.org; may be repeated.")
  List<String> origins = List.of();

  @Option(
      names = "--model-name",
      description = "What requests call it (default: ${DEFAULT-VALUE}).")
  String modelName = "blip2";

  @Option(names = "--concurrency", paramLabel = "N", description = "Requests at once (default: 4).")
  @Nullable Integer concurrency;

  @Option(names = "--queue", paramLabel = "N", description = "Requests that wait (default: 64).")
  @Nullable Integer queue;

  @Option(names = "--matcher", description = "Without --model: the built-in model that matches.")
  boolean matcher;

  @Option(
      names = "--beside",
      paramLabel = "PRECISION",
      description =
          "The model a second time, in another precision: the page shows both answers side by side;"
              + " may be repeated.")
  List<String> beside = List.of();

  @Option(
      names = "--match-model",
      paramLabel = "MODEL",
      description =
          "A checkpoint that matches, beside one that writes: scores and search in the page"
              + " (default: the built-in one, without --model).")
  @Nullable String matchModel;

  @Option(
      names = "--index",
      paramLabel = "DIR",
      description =
          "An index of blip2 index, of the model that matches: whoever may use the server may"
              + " search it, and sees its images.")
  @Nullable Path index;

  @Option(names = "--quiet", description = "No line for each request on standard error.")
  boolean quiet;

  private final CountDownLatch end;

  ServeCommand() {
    this(new CountDownLatch(1));
  }

  /** Serves until the latch opens. */
  ServeCommand(CountDownLatch end) {
    this.end = end;
  }

  @Override
  public Integer call() throws InterruptedException {
    PrintWriter err = spec.commandLine().getErr();
    ServerOptions options = options(err);
    model.check();
    beside.forEach(model::checkPrecision);
    Capability builtIn = matcher ? Capability.MATCH : Capability.GENERATE;
    ServerLimits limits = options.limits();
    FurtherModels others = new FurtherModels(model, err, limits);
    try (Blip2 blip2 = model.loadShared(err, builtIn, limits.concurrency(), limits.queue());
        FurtherModels further = others.load(beside, matchModel, matcher);
        FurtherModels.Search search = further.search(index, blip2)) {
      if (model.isBuiltIn()) { // else the first image would be the slowest by far
        Blip2Server.warmUp(blip2, further.models());
      }
      serve(blip2, further, search.added(options));
    }
    return 0;
  }

  /** Serves until it is told to end. */
  private void serve(Blip2 blip2, FurtherModels further, ServerOptions options)
      throws InterruptedException {
    try (Blip2Server server = Blip2Server.start(blip2, further.models(), options)) {
      Thread stop = new Thread(server::close, "blip2-serve-stop");
      Runtime.getRuntime().addShutdownHook(stop);
      PrintWriter out = spec.commandLine().getOut();
      out.println("Serving at " + server.uri());
      out.flush();
      end.await();
      Runtime.getRuntime().removeShutdownHook(stop);
    }
  }

  private ServerOptions options(PrintWriter err) {
    InetSocketAddress address = new InetSocketAddress(host, port);
    if (address.isUnresolved()) {
      throw new IllegalArgumentException(
          "--host (" + host + ") must be an address of this machine");
    }
    if (token == null && !address.getAddress().isLoopbackAddress()) {
      err.println("blip2: whoever reaches " + host + " may use this server: --token is not set");
      err.flush();
    }
    ServerLimits limits = ServerLimits.defaults();
    limits =
        limits.withRequests(
            concurrency == null ? limits.concurrency() : concurrency,
            queue == null ? limits.queue() : queue);
    ServerAccess access = new ServerAccess(token, Set.copyOf(hosts), Set.copyOf(origins));
    ServerOptions options =
        ServerOptions.defaults()
            .withAddress(address)
            .withAccess(access)
            .withLimits(limits)
            .withModelName(modelName);
    return quiet ? options : options.withAccessLog(entry -> log(err, entry));
  }

  private static void log(PrintWriter err, AccessEntry entry) {
    err.println(
        String.format(
            Locale.ROOT,
            "%s %s %s %s %d %d B %d ms",
            entry.time(),
            entry.client(),
            entry.method(),
            entry.path(),
            entry.status(),
            entry.bytes(),
            entry.duration().toMillis()));
    err.flush();
  }
}
