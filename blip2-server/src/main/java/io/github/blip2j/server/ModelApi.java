package io.github.blip2j.server;

import static io.github.blip2j.server.Route.Kind.LIGHT;
import static io.github.blip2j.server.Route.Kind.MODEL;

import io.github.blip2j.Blip2;
import java.util.List;

/** The JSON API over one model; owns what is kept of its requests. */
final class ModelApi implements AutoCloseable {
  private final Blip2 blip2;
  private final ServerOptions options;
  private final ImageStore images;
  private final ConversationPool conversations;
  private final TextAnswers answers;

  ModelApi(Blip2 blip2, ServerOptions options, Metrics metrics) {
    this.blip2 = blip2;
    this.options = options;
    images = new ImageStore(options.limits().images());
    conversations = new ConversationPool(options.limits().conversations());
    answers = new TextAnswers(new Writing(blip2, conversations, metrics));
  }

  /**
   * Its routes.
   *
   * @param prefix of their paths, or empty
   * @param about what the server says of the model
   */
  List<Route> routes(String prefix, Route.Handler about) {
    Bodies bodies = new Bodies(images, ServerImage.most(blip2));
    TextApi texts = new TextApi(bodies, answers, options.limits(), options.timeouts().text());
    ScoreApi scores = new ScoreApi(blip2, bodies, options.limits());
    AttentionApi looks = new AttentionApi(blip2, bodies);
    ImagesApi kept = new ImagesApi(blip2, images);
    String api = prefix + "/api";
    return List.of(
        new Route("GET", api + "/model", LIGHT, about),
        new Route("POST", api + "/images", MODEL, kept::add),
        new Route("DELETE", api + "/images/{id}", LIGHT, kept::remove),
        new Route("POST", api + "/caption", MODEL, texts::caption),
        new Route("POST", api + "/ask", MODEL, texts::ask),
        new Route("POST", api + "/chat", MODEL, texts::chat),
        new Route("POST", api + "/rank", MODEL, scores::rank),
        new Route("POST", api + "/match", MODEL, scores::match),
        new Route("POST", api + "/embed", MODEL, scores::embed),
        new Route("POST", api + "/attention", MODEL, looks::attention));
  }

  /** What writes texts, for other APIs over the same model. */
  TextAnswers answers() {
    return answers;
  }

  int images() {
    return images.size();
  }

  int conversations() {
    return conversations.size();
  }

  @Override
  public void close() {
    conversations.close();
  }
}
