package io.github.blip2j.internal.text;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.NullNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.blip2j.core.CheckpointException;
import io.github.blip2j.internal.json.JsonTrees;
import java.io.IOException;
import java.util.function.BiFunction;

/**
 * A whole {@code tokenizer.json} that was found right.
 *
 * @param json the same tokenizer in UTF-8, made of nothing but what was checked; it neither cuts
 *     nor pads
 * @param bpe whether its model is byte-pair encoding
 * @param runs of tokens that stand for bytes
 */
@SuppressWarnings("ArrayRecordComponent") // handed on once, never compared
record TokenizerFile(byte[] json, boolean bpe, ByteRuns runs) {
  /**
   * Checks a tokenizer.
   *
   * @param bytes of the file
   * @return what was checked
   * @throws CheckpointException if it is damaged; the message says where, and what was expected
   */
  static TokenizerFile check(byte[] bytes) {
    try {
      return check(JsonTrees.STRICT.read(bytes));
    } catch (JsonProcessingException e) {
      throw new CheckpointException("expected JSON, found: " + e.getOriginalMessage(), e);
    } catch (IOException e) {
      throw new CheckpointException("expected JSON, found: " + e.getMessage(), e);
    }
  }

  /**
   * The same tokenizer, which never finds an added token in a text: its letters are letters. Every
   * token keeps its id.
   *
   * @param token such as {@code <image>}
   * @return UTF-8
   */
  byte[] without(String token) {
    try {
      JsonNode root = JsonTrees.STRICT.read(json);
      for (JsonNode added : root.path("added_tokens")) {
        if (added.path("content").asText().equals(token)) {
          // Letters for private use, which no text has; removed, it would leave its id to others.
          ((ObjectNode) added).put("content", "\uE000" + token + "\uE001");
        }
      }
      return JsonTrees.STRICT.write(root);
    } catch (IOException e) {
      throw new IllegalStateException("JSON that was written a moment ago", e);
    }
  }

  private static TokenizerFile check(JsonNode file) throws IOException {
    if (!file.isObject()) {
      throw Part.wrong("tokenizer", "an object", file);
    }
    JsonNode version = file.path("version");
    if (!version.isMissingNode() && !version.asText().equals("1.0")) {
      throw Part.wrong("version", "\"1.0\"", version);
    }
    ObjectNode kept = JsonNodeFactory.instance.objectNode();
    kept.put("version", "1.0");
    kept.putNull("truncation");
    kept.putNull("padding");
    JsonNode normalizer = section(file, "normalizer", NormalizerRules::check);
    ModelRules.Model model = ModelRules.check(file.path("model"));
    AddedTokenRules added = new AddedTokenRules(model.vocabulary(), normalizer);
    boolean none = !file.hasNonNull("added_tokens");
    kept.set(
        "added_tokens",
        added.check(none ? JsonNodeFactory.instance.arrayNode() : file.path("added_tokens")));
    ModelTokens all = added.all();
    PostProcessorRules post = new PostProcessorRules(all);
    kept.set("normalizer", normalizer);
    kept.set("pre_tokenizer", section(file, "pre_tokenizer", PreTokenizerRules::check));
    kept.set("post_processor", section(file, "post_processor", post::check));
    kept.set("decoder", section(file, "decoder", DecoderRules::check));
    kept.set("model", model.kept());
    boolean bpe = kept.path("model").path("type").asText().equals("BPE");
    ByteRuns runs = ByteRuns.of(kept.path("decoder"), all, kept.path("added_tokens"));
    return new TokenizerFile(JsonTrees.STRICT.write(kept), bpe, runs);
  }

  /** A section that may be absent or null. */
  private static JsonNode section(
      JsonNode file, String key, BiFunction<String, JsonNode, JsonNode> rules) {
    return file.hasNonNull(key) ? rules.apply(key, file.get(key)) : NullNode.getInstance();
  }
}
