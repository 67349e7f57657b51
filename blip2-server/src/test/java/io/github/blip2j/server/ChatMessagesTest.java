package io.github.blip2j.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.blip2j.chat.ChatTemplate;
import io.github.blip2j.chat.ChatTurn;
import io.github.blip2j.server.TextRequest.Prompt;
import io.github.blip2j.server.TextRequest.Turns;
import io.github.blip2j.server.http.Refusal;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What a list of messages becomes: an image, turns and a question. */
class ChatMessagesTest {
  private static final String URL = "data:image/png;base64,AAAA";
  private static final String OTHER = "data:image/png;base64,BBBB";

  private final ObjectNode request = Json.object();
  private final ArrayNode messages = request.putArray("messages");

  private ChatMessagesTest say(String role, String text) {
    messages.addObject().put("role", role).put("content", text);
    return this;
  }

  /** A message of parts: those that begin with data: are images. */
  private ChatMessagesTest parts(String role, String... parts) {
    ArrayNode content = messages.addObject().put("role", role).putArray("content");
    for (String part : parts) {
      if (part.startsWith("data:")) {
        content.addObject().put("type", "image_url").putObject("image_url").put("url", part);
      } else {
        content.addObject().put("type", "text").put("text", part);
      }
    }
    return this;
  }

  private ChatMessages read() {
    return read(1);
  }

  private ChatMessages read(int most) {
    return ChatMessages.of(Fields.of(request, ""), most);
  }

  private void refused(String param, String words) {
    assertThatThrownBy(() -> read().image())
        .isInstanceOfSatisfying(
            Refusal.class,
            r -> {
              assertThat(r.status()).isEqualTo(400);
              assertThat(r.param()).isEqualTo(param);
            })
        .hasMessageContaining(words);
  }

  @Test
  void anImageAloneIsAnEmptyPrompt() {
    ChatMessages read = parts("user", URL).read();
    assertThat(read.start()).isEqualTo(new Prompt(null));
    assertThat(read.image()).isEqualTo(ServerImage.ofUrl(URL, "x"));
  }

  @Test
  void blankWordsAreNone() {
    assertThat(parts("user", "  ", URL, "\n").read().start()).isEqualTo(new Prompt(null));
  }

  @Test
  void partsAreJoined() {
    parts("user", " what ", URL, "is it?\n");
    assertThat(read().start()).isEqualTo(new Turns(ChatTemplate.BLOG, List.of(), "what is it?"));
  }

  @Test
  void answersMakeTurns() {
    parts("user", "a?", URL).say("assistant", "A").say("user", "b?");
    parts("assistant", "B", "b").say("user", "c?");
    Turns turns = (Turns) read().start();
    assertThat(turns.history()).containsExactly(new ChatTurn("a?", "A"), new ChatTurn("b?", "Bb"));
    assertThat(turns.question()).isEqualTo("c?");
    assertThat(turns.prompt())
        .isEqualTo("Question: a? Answer: A. Question: b? Answer: Bb. Question: c? Answer:");
  }

  @Test
  void severalMessagesOfTheUserAreOneQuestion() {
    parts("user", URL).say("user", "what").say("user", "is it?");
    assertThat(((Turns) read().start()).question()).isEqualTo("what is it?");
  }

  @Test
  void anImageThatWasDescribedIsATurnOfItsOwn() {
    parts("user", URL).say("assistant", "a cat").say("user", "where?");
    Turns turns = (Turns) read().start();
    assertThat(turns.history()).containsExactly(new ChatTurn(ChatMessages.WORDLESS, "a cat"));
  }

  @Test
  void aWordlessQuestionLaterIsTheSameAsTheFirst() {
    parts("user", "a?", URL).say("assistant", "A").parts("user", URL);
    Turns turns = (Turns) read().start();
    assertThat(turns.question()).isEqualTo(ChatMessages.WORDLESS);
    assertThat(turns.history()).containsExactly(new ChatTurn("a?", "A"));
  }

  @Test
  void whatSystemAndDeveloperSayComesBeforeTheQuestion() {
    say("system", "Be brief.").say("developer", "Be right.").parts("user", "what?", URL);
    say("assistant", "A").say("system", "Again:").say("user", "why?");
    Turns turns = (Turns) read().start();
    assertThat(turns.history()).containsExactly(new ChatTurn("Be brief. Be right. what?", "A"));
    assertThat(turns.question()).isEqualTo("Again: why?");
  }

  @Test
  void theSameImageMayComeAgain() {
    parts("user", "a?", URL).say("assistant", "A").parts("user", "b?", URL);
    assertThat(read().image().key()).isEqualTo(ServerImage.ofUrl(URL, "x").key());
  }

  @Test
  void anotherImageIsRefused() {
    parts("user", "a?", URL, OTHER);
    refused("messages[0].content[2].image_url.url", "must be 1 for this model");
  }

  /** In the order in which they came, each once: requests repeat what was sent before. */
  @Test
  void aModelMayTakeSeveral() {
    parts("user", OTHER, "a?", URL).say("assistant", "A").parts("user", "b?", OTHER);
    ServerImage images = read(2).image();
    ServerImage one = ServerImage.ofUrl(URL, "x");
    ServerImage other = ServerImage.ofUrl(OTHER, "x");
    assertThat(images).isEqualTo(ServerImage.together(List.of(other, one)));
    assertThat(images.key()).isNotEqualTo(ServerImage.together(List.of(one, other)).key());
    assertThat(((Turns) read(2).start()).question()).isEqualTo("b?");
    parts("user", "data:image/png;base64,CCCC");
    assertThatThrownBy(() -> read(2).image())
        .isInstanceOfSatisfying(
            Refusal.class,
            r -> assertThat(r.param()).isEqualTo("messages[3].content[0].image_url.url"))
        .hasMessageContaining("must be at most 2");
  }

  @Test
  void anImageOfAnotherRoleIsRefused() {
    parts("system", URL).say("user", "a?");
    refused("messages[0].content[0].type", "in a message of the user");
  }

  @Test
  void aConversationWithoutImageIsRefused() {
    say("user", "hello");
    refused("messages", "must have an image");
  }

  @Test
  void theUserHasTheLastWord() {
    parts("user", URL).say("assistant", "A");
    refused("messages", "the last of messages");
    say("system", "b");
    refused("messages", "the last of messages");
    messages.removeAll();
    say("system", "alone");
    refused("messages", "the last of messages");
  }

  @Test
  void anAnswerNeedsAQuestion() {
    say("assistant", "A");
    refused("messages[0].role", "must follow");
    messages.removeAll();
    parts("user", "a?", URL).say("assistant", "A").say("assistant", "B");
    refused("messages[2].role", "must follow");
  }

  @Test
  void toolsAreRefusedWhereverTheyShow() {
    parts("user", "a?", URL);
    messages.addObject().put("role", "assistant").putNull("content").putArray("tool_calls").add(1);
    refused("messages[1].tool_calls", "not supported");
    messages.remove(1);
    say("tool", "x");
    refused("messages[1].role", "tools are not supported");
  }

  @Test
  void partsOfOtherKindsAreRefused() {
    messages
        .addObject()
        .put("role", "user")
        .putArray("content")
        .addObject()
        .put("type", "input_audio");
    refused("messages[0].content[0].type", "must be text, or image_url");
  }

  @Test
  void contentHasATypeThatIsKnown() {
    messages.addObject().put("role", "user").put("content", 5);
    refused("messages[0].content", "must be a list");
    messages.removeAll();
    messages.addObject().put("role", "user");
    refused("messages[0].content", "a string or a list of parts");
    messages.removeAll();
    messages.addObject().put("content", "a?");
    refused("messages[0].role", "must be a string");
    messages.removeAll();
    messages.add("a?");
    refused("messages[0]", "must be an object");
    request.put("messages", "a?");
    refused("messages", "must be a list");
    request.remove("messages");
    refused("messages", "a message of the user");
  }
}
