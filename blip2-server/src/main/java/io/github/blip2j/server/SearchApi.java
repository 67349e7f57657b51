package io.github.blip2j.server;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.blip2j.server.http.Refusal;
import java.util.Base64;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** {@code /api/search}: images of the server's index, by a text. */
record SearchApi(@Nullable ImageSearch search, ServerLimits limits) {
  private static final Set<String> SEARCH = Set.of("text", "limit");
  private static final int USUAL = 12;

  /** Finds images. */
  void search(Work work) {
    Fields fields = Bodies.json(work.call(), SEARCH);
    String text = fields.requiredText("text");
    int most = fields.whole("limit", 1, limits.texts()).orElse(Math.min(USUAL, limits.texts()));
    ImageSearch images = required();
    if (text.isBlank()) {
      throw Refusal.field("text", "text must not be blank");
    }
    ObjectNode whole = Json.object();
    ArrayNode hits = whole.putArray("hits");
    for (ImageSearch.Found found : work.use(() -> images.find(text, most))) {
      ObjectNode hit = hits.addObject().put("name", found.name());
      hit.put("similarity", found.similarity());
      if (found.image().length > 0) {
        hit.put("image", url(found.image()));
      }
    }
    work.reply(whole.toString());
  }

  private ImageSearch required() {
    if (search == null) {
      throw new Refusal(
          400, "unsupported_task", null, "this server has no index of images to search");
    }
    return search;
  }

  private static String url(byte[] image) {
    String type = (image[0] & 0xff) == 0xff ? "jpeg" : "png"; // by the files' first bytes
    return "data:image/" + type + ";base64," + Base64.getEncoder().encodeToString(image);
  }
}
