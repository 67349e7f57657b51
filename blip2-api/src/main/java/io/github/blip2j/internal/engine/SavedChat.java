package io.github.blip2j.internal.engine;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.blip2j.chat.ChatOptions;
import io.github.blip2j.chat.ChatTemplate;
import io.github.blip2j.chat.ChatTurn;
import io.github.blip2j.chat.ContextPolicy;
import io.github.blip2j.core.CheckpointException;
import io.github.blip2j.generation.GenerationOptions;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;

/** What a saved conversation says beside its image: one JSON text in the file's header. */
record SavedChat(ChatTemplate template, int limit, ContextPolicy policy, List<ChatTurn> turns) {
  private static final String KEY = "chat";
  private static final ObjectMapper MAPPER = new ObjectMapper();

  static SavedChat of(ChatOptions options, List<ChatTurn> turns) {
    return new SavedChat(options.template(), options.contextLimit(), options.policy(), turns);
  }

  Map<String, String> metadata() {
    ObjectNode root = MAPPER.createObjectNode();
    root.putObject("template")
        .put("turn", template.turn())
        .put("open", template.open())
        .put("separator", template.separator());
    root.put("context_limit", limit).put("policy", policy.name());
    ArrayNode array = root.putArray("turns");
    for (ChatTurn turn : turns) {
      array.addObject().put("question", turn.question()).put("answer", turn.answer());
    }
    return Map.of(KEY, root.toString());
  }

  static SavedChat read(Path file, Map<String, String> metadata) {
    String text = metadata.get(KEY);
    if (text == null) {
      throw new CheckpointException(file + ": expected a saved conversation, found an image only");
    }
    try {
      JsonNode root = MAPPER.readTree(text);
      List<ChatTurn> turns = new ArrayList<>();
      for (JsonNode turn : required(root, "turns", "a list", JsonNode::isArray)) {
        turns.add(new ChatTurn(text(turn, "question"), text(turn, "answer")));
      }
      JsonNode template = root.path("template");
      return new SavedChat(
          new ChatTemplate(
              text(template, "turn"), text(template, "open"), text(template, "separator")),
          required(root, "context_limit", "a positive integer", SavedChat::isPositive).intValue(),
          ContextPolicy.valueOf(text(root, "policy")),
          turns);
    } catch (JsonProcessingException | IllegalArgumentException e) {
      throw new CheckpointException(
          file + ": __metadata__: " + KEY + ": expected a conversation, found: " + e.getMessage(),
          e);
    }
  }

  private static String text(JsonNode node, String key) {
    return required(node, key, "a text", JsonNode::isTextual).textValue();
  }

  private static boolean isPositive(JsonNode node) {
    return node.isInt() && node.intValue() > 0;
  }

  private static JsonNode required(
      JsonNode node, String key, String expected, Predicate<JsonNode> right) {
    JsonNode value = node.path(key);
    if (!right.test(value)) {
      String found = value.isMissingNode() ? "nothing" : value.toString();
      throw new IllegalArgumentException(key + " must be " + expected + ", but is " + found);
    }
    return value;
  }

  ChatOptions options(GenerationOptions generation) {
    return new ChatOptions(template, generation, limit, policy);
  }
}
