package io.github.blip2j.server;

import static io.github.blip2j.server.Route.Kind.LIGHT;
import static io.github.blip2j.server.Route.Kind.MODEL;
import static io.github.blip2j.server.Route.Kind.OPEN;

import io.github.blip2j.Blip2;
import io.github.blip2j.core.Capability;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/** What a server has beside its transport; owns what is kept between requests. */
final class Services implements AutoCloseable {
  private final Admission admission;
  private final Metrics metrics = new Metrics();
  private final ImageStore images;
  private final ConversationPool conversations;
  private final Heartbeats beats;
  private final Routes routes;

  Services(Blip2 blip2, ServerOptions options) {
    ServerLimits limits = options.limits();
    admission = new Admission(limits, options.timeouts().queue());
    images = new ImageStore(limits.images());
    conversations = new ConversationPool(limits.conversations());
    beats = new Heartbeats(options.timeouts().heartbeat());
    routes = new Routes(routes(blip2, options));
    gauges(blip2);
  }

  private List<Route> routes(Blip2 blip2, ServerOptions options) {
    Bodies bodies = new Bodies(images);
    TextAnswers answers = new TextAnswers(new Writing(blip2, conversations, metrics));
    ServerLimits limits = options.limits();
    Duration longest = options.timeouts().text();
    StatusApi status = new StatusApi(blip2, options.modelName(), metrics);
    TextApi texts = new TextApi(bodies, answers, limits, longest);
    ScoreApi scores = new ScoreApi(blip2, bodies, limits);
    ImagesApi kept = new ImagesApi(blip2, images);
    List<Route> all = new ArrayList<>();
    all.add(new Route("GET", "/health", OPEN, status::health));
    all.add(new Route("GET", "/openapi.json", OPEN, status::openApi));
    all.add(new Route("GET", "/metrics", LIGHT, status::metrics));
    all.add(new Route("GET", "/api/model", LIGHT, status::model));
    all.add(new Route("POST", "/api/images", MODEL, kept::add));
    all.add(new Route("DELETE", "/api/images/{id}", LIGHT, kept::remove));
    all.add(new Route("POST", "/api/caption", MODEL, texts::caption));
    all.add(new Route("POST", "/api/ask", MODEL, texts::ask));
    all.add(new Route("POST", "/api/chat", MODEL, texts::chat));
    all.add(new Route("POST", "/api/rank", MODEL, scores::rank));
    all.add(new Route("POST", "/api/match", MODEL, scores::match));
    all.add(new Route("POST", "/api/embed", MODEL, scores::embed));
    all.addAll(compatible(blip2, options, answers));
    return List.copyOf(all);
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
    metrics.gauge("blip2_kept_images", "Encoded images with an id.", images::size);
    metrics.gauge("blip2_kept_conversations", "Kept KV caches.", conversations::size);
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
    conversations.close();
  }
}
