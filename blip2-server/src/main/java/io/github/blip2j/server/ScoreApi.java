package io.github.blip2j.server;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.blip2j.Blip2;
import io.github.blip2j.generation.RankedAnswer;
import io.github.blip2j.image.EncodedImage;
import io.github.blip2j.retrieval.EncodedText;
import io.github.blip2j.retrieval.Match;
import io.github.blip2j.server.http.Refusal;
import java.util.List;
import java.util.Set;

/** {@code /api/rank}, {@code /api/match} and {@code /api/embed}. */
record ScoreApi(Blip2 blip2, Bodies bodies, ServerLimits limits) {
  private static final Set<String> RANK =
      Set.of("image", "image_id", "images", "prompt", "candidates", "length_normalized");
  private static final Set<String> MATCH = Set.of("image", "image_id", "texts");
  private static final Set<String> EMBED = Set.of("image", "image_id", "texts");

  /** Ranks candidates by how likely the model finds them. */
  void rank(Work work) {
    Fields fields = Bodies.json(work.call(), RANK);
    List<String> candidates = fields.texts("candidates", limits.texts());
    String prompt = fields.text("prompt").orElse(null);
    boolean normalized = fields.flag("length_normalized");
    ServerImage image = bodies.inOnePrompt(fields);
    List<RankedAnswer> ranked =
        work.use(
            () ->
                blip2
                    .ranker()
                    .withLengthNormalization(normalized)
                    .rank(image.input(), prompt, candidates));
    ObjectNode whole = Json.object();
    for (RankedAnswer answer : ranked) {
      whole
          .withArray("candidates")
          .addObject()
          .put("text", answer.text())
          .put("probability", answer.probability())
          .put("score", answer.score())
          .put("log_probability", answer.logProbability());
    }
    work.reply(whole.toString());
  }

  /** Says how well texts describe an image. */
  void match(Work work) {
    Fields fields = Bodies.json(work.call(), MATCH);
    List<String> texts = fields.texts("texts", limits.texts());
    ServerImage image = bodies.image(fields);
    List<Match> matches = work.use(() -> blip2.matcher().match(image.input(), texts));
    ObjectNode whole = Json.object();
    for (int i = 0; i < texts.size(); i++) {
      whole
          .withArray("matches")
          .addObject()
          .put("text", texts.get(i))
          .put("itm_probability", matches.get(i).itmProbability())
          .put("itc_similarity", matches.get(i).itcSimilarity());
    }
    work.reply(whole.toString());
  }

  /** The vectors of an image, or of texts. */
  void embed(Work work) {
    Fields fields = Bodies.json(work.call(), EMBED);
    ObjectNode whole = Json.object();
    if (fields.has("texts")) {
      if (fields.has("image") || fields.has("image_id")) {
        throw Refusal.field("texts", "texts must not be given with an image");
      }
      List<String> texts = fields.texts("texts", limits.texts());
      for (EncodedText text : work.use(() -> blip2.embedder().texts(texts))) {
        add(whole.withArray("texts").addArray(), text.embedding());
      }
    } else {
      ServerImage image = bodies.image(fields);
      EncodedImage encoded = work.use(() -> blip2.encode(image.input()));
      for (float[] vector : encoded.projected()) {
        add(whole.withArray("image").addArray(), vector);
      }
    }
    work.reply(whole.toString());
  }

  private static void add(ArrayNode row, float[] vector) {
    for (float value : vector) {
      row.add(value);
    }
  }
}
