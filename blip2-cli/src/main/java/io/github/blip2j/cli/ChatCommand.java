package io.github.blip2j.cli;

import io.github.blip2j.Blip2;
import io.github.blip2j.ChatSession;
import io.github.blip2j.Generation;
import io.github.blip2j.chat.ChatOptions;
import io.github.blip2j.chat.ChatTemplate;
import io.github.blip2j.chat.ContextPolicy;
import io.github.blip2j.core.Blip2Exception;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintWriter;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code blip2 chat PICTURE}: a conversation in the terminal. */
@Command(
    name = "chat",
    description = {
      "A conversation about a picture: a question a line.",
      "/history, /undo, /image FILE, /save FILE, /restore FILE, /help, /quit."
    },
    mixinStandardHelpOptions = true)
@SuppressWarnings("NullAway.Init")
final class ChatCommand implements Callable<Integer> {
  private static final String HELP =
      "a question, or /history, /undo, /image FILE, /save FILE, /restore FILE, /quit";

  @Spec CommandSpec spec;
  @Mixin ModelOptions model;
  @Mixin GenerationArguments arguments;

  @Option(
      names = "--chat-template",
      paramLabel = "blog|short-answer",
      description = "How the conversation becomes a prompt (default: ${DEFAULT-VALUE}).")
  String template = "blog";

  @Option(names = "--context", paramLabel = "N", description = "Most tokens (default: 512).")
  int context = ChatOptions.DEFAULT_CONTEXT_LIMIT;

  @Option(names = "--drop-oldest", description = "Forget the oldest turns beyond it.")
  boolean dropOldest;

  @Parameters(paramLabel = "PICTURE", description = "The image: a file, or a file: or data: URI.")
  String picture;

  private final InputStream input;
  private final Inputs inputs = Inputs.withoutStandardInput();
  private PrintWriter out;
  private Blip2 blip2;
  private ChatSession chat;

  ChatCommand() {
    this(System.in);
  }

  ChatCommand(InputStream input) {
    this.input = input;
  }

  @Override
  public Integer call() throws IOException {
    out = spec.commandLine().getOut();
    Lines lines = new Lines(input);
    ChatOptions options = options();
    model.check();
    inputs.require(picture);
    try (Blip2 loaded = model.load(spec.commandLine().getErr())) {
      blip2 = loaded;
      chat = blip2.chat(inputs.image(picture), options);
      try {
        for (String line = next(lines); line != null; line = next(lines)) {
          try {
            if (!obey(line.strip())) {
              break;
            }
          } catch (Blip2Exception | IllegalArgumentException | IllegalStateException e) {
            out.println("blip2: " + e.getMessage());
          }
        }
      } finally {
        chat.close();
      }
    }
    return 0;
  }

  private @Nullable String next(Lines lines) throws IOException {
    out.print("> ");
    out.flush();
    return lines.next();
  }

  private ChatOptions options() {
    return ChatOptions.defaults()
        .withTemplate(ChatTemplate.named(template))
        .withGeneration(arguments.oneText("a conversation"))
        .withContext(context, dropOldest ? ContextPolicy.DROP_OLDEST : ContextPolicy.REFUSE);
  }

  /** Does what a line says; gives whether the conversation goes on. */
  private boolean obey(String line) {
    String[] words = line.split("\\s+", 2);
    String argument = words.length == 2 ? words[1] : "";
    switch (words[0]) {
      case "" -> {}
      case "/quit" -> {
        return false;
      }
      case "/history" ->
          chat.history().forEach(t -> out.println(t.question() + "\n  " + t.answer()));
      case "/undo" -> out.println("undone: " + chat.undo().question());
      case "/save" -> chat.save(Inputs.path(required("/save", argument)));
      case "/image" -> replace(blip2.chat(inputs.image(required("/image", argument)), options()));
      case "/restore" ->
          replace(
              blip2.restoreChat(Inputs.path(required("/restore", argument)), arguments.options()));
      default -> {
        if (line.startsWith("/")) {
          out.println(HELP);
        } else {
          ask(line);
        }
      }
    }
    return true;
  }

  private static String required(String command, String argument) {
    if (argument.isEmpty()) {
      throw new IllegalArgumentException(command + " must be followed by a file");
    }
    return argument;
  }

  private void replace(ChatSession next) {
    chat.close();
    chat = next;
  }

  private void ask(String question) {
    try (Generation answer = chat.askStreaming(question)) {
      answer.forEachRemaining(
          piece -> {
            out.print(piece.text());
            out.flush();
          });
    }
    out.println();
  }
}
