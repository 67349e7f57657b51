package io.github.blip2j.server;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.blip2j.Blip2;
import io.github.blip2j.image.ImageAttention;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** {@code /api/attention}: where the Q-Former looks, as maps over the grid of patches. */
record AttentionApi(Blip2 blip2, Bodies bodies) {
  private static final Set<String> ATTENTION = Set.of("image", "image_id", "text");

  /** Looks at an image, which may be the body itself. */
  void attention(Work work) {
    ServerImage image;
    String text = null;
    if (Bodies.isImage(work.call())) {
      image = ServerImage.of(work.call().body());
    } else {
      Fields fields = Bodies.json(work.call(), ATTENTION);
      text = fields.text("text").orElse(null);
      image = bodies.image(fields);
    }
    String beside = text;
    work.reply(whole(work.use(() -> look(image, beside))));
  }

  private ImageAttention look(ServerImage image, @Nullable String text) {
    return text == null ? blip2.attention(image.input()) : blip2.attention(image.input(), text);
  }

  private static String whole(ImageAttention attention) {
    ImageAttention.Size size = attention.size();
    ObjectNode whole = Json.object().put("side", size.side()).put("heads", size.heads());
    add(whole.putArray("map"), attention.map());
    ArrayNode layers = whole.putArray("layers");
    for (int layer = 0; layer < size.layers(); layer++) {
      add(layers.addArray(), attention.mapOfLayer(layer));
    }
    ArrayNode queries = whole.putArray("queries");
    for (int query = 0; query < size.queries(); query++) {
      add(queries.addArray(), attention.mapOfQuery(query));
    }
    return whole.toString();
  }

  private static void add(ArrayNode rows, float[][] map) {
    for (float[] row : map) {
      ArrayNode cells = rows.addArray();
      for (float cell : row) {
        cells.add(cell);
      }
    }
  }
}
