package io.github.blip2j.server;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.blip2j.chat.ChatTemplate;
import io.github.blip2j.chat.ChatTurn;
import io.github.blip2j.server.http.Refusal;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The messages of a chat completion, read one after the other: they become images, the turns that
 * were answered and the open question. All images stand in front of the first turn, in the order in
 * which they came; one that comes again is the one that is there. Most models have one. None has
 * roles: what system and developer say comes in front of the question that follows.
 */
final class ChatMessages {
  /** What stands for a turn in which an image came without words and was described. */
  static final String WORDLESS = "What is in the image?";

  private static final Set<String> ASKING = Set.of("user", "system", "developer");

  private final List<ChatTurn> history = new ArrayList<>();
  private final StringBuilder question = new StringBuilder();
  private final Map<String, String> urls = new LinkedHashMap<>(); // and the field of each
  private final int most;
  private boolean asked;

  private ChatMessages(int most) {
    this.most = most;
  }

  /**
   * Reads the messages of a request.
   *
   * @param most images of a conversation
   */
  static ChatMessages of(Fields request, int most) {
    List<Fields> all = request.objects("messages");
    if (all.isEmpty()) {
      throw Refusal.field("messages", "messages must be a list with a message of the user");
    }
    ChatMessages messages = new ChatMessages(most);
    all.forEach(messages::read);
    if (!messages.asked) {
      throw Refusal.field("messages", "the last of messages must be the user's");
    }
    return messages;
  }

  private void read(Fields message) {
    String role = message.requiredText("role");
    if (ASKING.contains(role)) {
      content(message, role.equals("user"));
      asked |= role.equals("user");
    } else if (role.equals("assistant")) {
      if (message.has("tool_calls")) {
        throw Refusal.unsupported(message.path() + "tool_calls", "tools are not supported");
      }
      answered(message);
    } else {
      throw Refusal.unsupported(
          message.path() + "role",
          message.path()
              + "role must be user, assistant, system or developer; tools are not"
              + " supported");
    }
  }

  private void answered(Fields message) {
    if (!asked) {
      throw Refusal.field(
          message.path() + "role", "an assistant's message must follow one of the user's");
    }
    String before = question.isEmpty() ? WORDLESS : question.toString();
    history.add(new ChatTurn(before, text(message)));
    question.setLength(0);
    asked = false;
  }

  private static String text(Fields message) {
    JsonNode content = message.node().path("content");
    if (content.isTextual()) {
      return content.textValue();
    }
    StringBuilder joined = new StringBuilder();
    for (Fields part : message.objects("content")) {
      joined.append(part.requiredText("text"));
    }
    return joined.toString();
  }

  private void content(Fields message, boolean user) {
    JsonNode content = message.node().path("content");
    if (content.isTextual()) {
      say(content.textValue());
      return;
    }
    List<Fields> parts = message.objects("content");
    if (parts.isEmpty()) {
      throw message.wrong("content", "a string or a list of parts");
    }
    for (Fields part : parts) {
      String type = part.requiredText("type");
      if (type.equals("text")) {
        say(part.requiredText("text"));
      } else if (type.equals("image_url") && user) {
        Fields image =
            part.object("image_url").orElseThrow(() -> part.wrong("image_url", "an object"));
        see(image.requiredText("url"), image.path() + "url");
      } else {
        throw Refusal.unsupported(
            part.path() + "type",
            part.path() + "type must be text, or image_url in a message of the user");
      }
    }
  }

  private void say(String text) {
    if (!text.isBlank()) {
      question.append(question.isEmpty() ? "" : " ").append(text.strip());
    }
  }

  private void see(String address, String field) {
    if (urls.putIfAbsent(address, field) == null && urls.size() > most) {
      throw Refusal.unsupported(
          field,
          field
              + " is another image: those of a conversation must be "
              + ServerImage.allowed(most));
    }
  }

  /** The image, or all of them. */
  ServerImage image() {
    if (urls.isEmpty()) {
      throw Refusal.field(
          "messages",
          "one message of the user must have an image: a part of type image_url with a data: URL");
    }
    List<ServerImage> images = new ArrayList<>();
    urls.forEach((url, field) -> images.add(ServerImage.ofUrl(url, field)));
    return ServerImage.together(images);
  }

  /** What is asked: a caption, if nothing has been said at all. */
  TextRequest.Start start() {
    if (question.isEmpty() && history.isEmpty()) {
      return new TextRequest.Prompt(null);
    }
    String open = question.isEmpty() ? WORDLESS : question.toString();
    return new TextRequest.Turns(ChatTemplate.BLOG, List.copyOf(history), open);
  }
}
