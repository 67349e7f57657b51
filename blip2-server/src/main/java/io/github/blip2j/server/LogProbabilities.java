package io.github.blip2j.server;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.blip2j.TextTokenizer;
import io.github.blip2j.generation.FinishReason;
import io.github.blip2j.generation.GeneratedText;
import io.github.blip2j.generation.TokenProbability;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** The probabilities of a text's tokens in OpenAI's form. */
record LogProbabilities(TextTokenizer tokenizer) {
  /** Those of every token of the text; the end token is none of them. */
  ObjectNode of(GeneratedText text) {
    ObjectNode node = Json.object();
    node.putArray("content");
    node.putNull("refusal");
    int ended = text.finishReason() == FinishReason.EOS ? 1 : 0;
    for (int i = 0; i < text.tokenIds().size() - ended; i++) {
      ObjectNode token = node.withArray("content").addObject();
      put(token, text.tokenIds().get(i), text.logProbabilities().get(i));
      token.putArray("top_logprobs");
      List<TokenProbability> others =
          text.alternatives().isEmpty() ? List.of() : text.alternatives().get(i);
      for (TokenProbability other : others) {
        put(token.withArray("top_logprobs").addObject(), other.token(), other.logProbability());
      }
    }
    return node;
  }

  /** A special token among the others has no text but its name. */
  private void put(ObjectNode node, int id, double logProbability) {
    String text = tokenizer.decode(List.of(id));
    String shown = text.isEmpty() ? tokenizer.token(id).orElse("") : text;
    node.put("token", shown).put("logprob", logProbability);
    for (byte b : shown.getBytes(StandardCharsets.UTF_8)) {
      node.withArray("bytes").add(Byte.toUnsignedInt(b));
    }
  }
}
