package io.github.blip2j.server;

import static io.github.blip2j.server.Route.Kind.LIGHT;
import static io.github.blip2j.server.Route.Kind.MODEL;
import static io.github.blip2j.server.Route.Kind.OPEN;

import io.github.blip2j.Blip2;
import io.github.blip2j.core.Capability;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/** What a server has beside its transport; owns what is kept between requests. */
final class Services implements AutoCloseable {
  private final Admission admission;
  private final Metrics metrics = new Metrics();
  private final List<ModelApi> apis = new ArrayList<>();
  private final Heartbeats beats;
  private final Routes routes;

  Services(Blip2 blip2, ServerOptions options) {
    this(blip2, List.of(), options);
  }

  /** With further models, each under its name. */
  Services(Blip2 blip2, List<ServedModel> further, ServerOptions options) {
    admission = new Admission(options.limits(), options.timeouts().queue());
    beats = new Heartbeats(options.timeouts().heartbeat());
    routes = new Routes(routes(blip2, further, options));
    gauges(blip2);
  }

  private List<Route> routes(Blip2 blip2, List<ServedModel> further, ServerOptions options) {
    StatusApi status = new StatusApi(blip2, options, metrics, further);
    PageApi page = new PageApi();
    List<Route> all = new ArrayList<>();
    all.add(new Route("GET", "/", OPEN, page::page));
    all.add(new Route("GET", "/page/{id}", OPEN, page::part));
    all.add(new Route("GET", "/health", OPEN, status::health));
    all.add(new Route("GET", "/openapi.json", OPEN, status::openApi));
    all.add(new Route("GET", "/metrics", LIGHT, status::metrics));
    ModelApi main = api(blip2, options);
    all.addAll(main.routes("", status::model));
    for (ServedModel model : further) {
      StatusApi own = status.of(model);
      all.addAll(api(model.blip2(), options).routes(model.prefix(), own::model));
    }
    SearchApi found = new SearchApi(options.search(), options.limits());
    all.add(new Route("POST", "/api/search", MODEL, found::search));
    all.addAll(compatible(blip2, options, main.answers()));
    return List.copyOf(all);
  }

  private ModelApi api(Blip2 blip2, ServerOptions options) {
    ModelApi api = new ModelApi(blip2, options, metrics);
    apis.add(api);
    return api;
  }

  /** The routes of OpenAI's clients. */
  private static List<Route> compatible(Blip2 blip2, ServerOptions options, TextAnswers answers) {
    LogProbabilities scores = new LogProbabilities(blip2.tokenizer());
    ChatCompletions chat = new ChatCompletions(answers, scores, options);
    EmbeddingsApi embeddings = new EmbeddingsApi(blip2, options);
    Models models = new Models(options.modelName(), Instant.now());
    return List.of(
        new Route("POST", "/v1/chat/completions", MODEL, chat::complete),
        new Route("POST", "/v1/embeddings", MODEL, embeddings::embed),
        new Route("GET", "/v1/models", LIGHT, models::list),
        new Route("GET", "/v1/models/{id}", LIGHT, models::one));
  }

  private void gauges(Blip2 blip2) {
    metrics.gauge("blip2_active_requests", "Requests that use the model.", admission::active);
    metrics.gauge("blip2_waiting_requests", "Requests that wait for it.", admission::waiting);
    metrics.gauge("blip2_kept_images", "Encoded images with an id.", this::keptImages);
    metrics.gauge("blip2_kept_conversations", "Kept KV caches.", this::keptConversations);
    if (blip2.capabilities().contains(Capability.GENERATE)) {
      metrics.counter(
          "blip2_prefix_cache_hits_total",
          "Texts that found their image in the language model.",
          () -> blip2.prefixCacheStatistics().hits());
      metrics.counter(
          "blip2_prefix_cache_misses_total",
          "Texts that did not.",
          () -> blip2.prefixCacheStatistics().misses());
    }
  }

  private int keptImages() {
    return apis.stream().mapToInt(ModelApi::images).sum();
  }

  private int keptConversations() {
    return apis.stream().mapToInt(ModelApi::conversations).sum();
  }

  Routes routes() {
    return routes;
  }

  Admission admission() {
    return admission;
  }

  Metrics metrics() {
    return metrics;
  }

  Heartbeats beats() {
    return beats;
  }

  @Override
  public void close() {
    beats.close();
    apis.forEach(ModelApi::close);
  }
}
