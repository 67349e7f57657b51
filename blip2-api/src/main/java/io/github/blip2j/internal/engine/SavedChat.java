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
      for (JsonNode turn : root.path("turns")) {
        turns.add(new ChatTurn(turn.path("question").asText(), turn.path("answer").asText()));
      }
      JsonNode template = root.path("template");
      return new SavedChat(
          new ChatTemplate(
              template.path("turn").asText(),
              template.path("open").asText(),
              template.path("separator").asText()),
          root.path("context_limit").asInt(),
          ContextPolicy.valueOf(root.path("policy").asText()),
          turns);
    } catch (JsonProcessingException | IllegalArgumentException e) {
      throw new CheckpointException(
          file + ": __metadata__: " + KEY + ": expected a conversation, found: " + e.getMessage(),
          e);
    }
  }

  ChatOptions options(GenerationOptions generation) {
    return new ChatOptions(template, generation, limit, policy);
  }
}
