package io.github.blip2j.server;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.blip2j.Blip2;
import io.github.blip2j.image.EncodedImage;
import io.github.blip2j.retrieval.EncodedText;
import io.github.blip2j.server.http.Refusal;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;

/**
 * {@code /v1/embeddings}, as OpenAI's clients speak it: the vectors of texts, and, beyond what
 * OpenAI has, of images: an input that is a {@code data:image/} URL gets the mean of its vectors,
 * brought to length 1.
 */
record EmbeddingsApi(Blip2 blip2, ServerOptions options) {
  private static final String IMAGE = "data:image/";

  /** Embeds what the request has. */
  void embed(Work work) {
    Fields request = Bodies.json(work.call());
    Models.require(request, options.modelName());
    String format = request.text("encoding_format").orElse("float");
    if (!format.equals("float") && !format.equals("base64")) {
      throw Refusal.field("encoding_format", "encoding_format must be float or base64");
    }
    List<String> inputs = inputs(request);
    Vectors vectors = work.use(() -> vectors(inputs));
    int width = vectors.rows().get(0).length;
    if (request.whole("dimensions").orElse(width) != width) {
      throw Refusal.unsupported("dimensions", "dimensions must be " + width + ", or be left out");
    }
    ObjectNode whole = Json.object().put("object", "list").put("model", options.modelName());
    for (float[] vector : vectors.rows()) {
      ObjectNode one = whole.withArray("data").addObject().put("object", "embedding");
      put(one.put("index", whole.path("data").size() - 1), vector, format.equals("base64"));
    }
    whole
        .putObject("usage")
        .put("prompt_tokens", vectors.tokens())
        .put("total_tokens", vectors.tokens());
    work.reply(whole.toString());
  }

  private List<String> inputs(Fields request) {
    JsonNode input = request.node().path("input");
    return input.isTextual()
        ? List.of(input.textValue())
        : request.texts("input", options.limits().texts());
  }

  /**
   * What inputs became.
   *
   * @param rows one for each
   * @param tokens of all texts, and vectors of all images
   */
  private record Vectors(List<float[]> rows, int tokens) {}

  private Vectors vectors(List<String> inputs) {
    List<String> texts = inputs.stream().filter(i -> !i.startsWith(IMAGE)).toList();
    List<EncodedText> encoded =
        texts.isEmpty() ? List.of() : new ArrayList<>(blip2.embedder().texts(texts));
    int tokens = encoded.stream().mapToInt(t -> t.states().length).sum();
    blip2.matcher(); // an image's vectors mean something beside those of texts alone
    List<float[]> rows = new ArrayList<>();
    int next = 0;
    for (String input : inputs) {
      if (input.startsWith(IMAGE)) {
        EncodedImage image = blip2.encode(ServerImage.ofUrl(input, "input").input());
        tokens += image.projected().length;
        rows.add(image.meanEmbedding());
      } else {
        rows.add(encoded.get(next++).embedding());
      }
    }
    return new Vectors(rows, tokens);
  }

  private static void put(ObjectNode node, float[] vector, boolean base64) {
    if (base64) {
      ByteBuffer bytes =
          ByteBuffer.allocate(Float.BYTES * vector.length).order(ByteOrder.LITTLE_ENDIAN);
      bytes.asFloatBuffer().put(vector);
      node.put("embedding", Base64.getEncoder().encodeToString(bytes.array()));
    } else {
      for (float value : vector) {
        node.withArray("embedding").add(value);
      }
    }
  }
}
