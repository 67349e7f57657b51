package io.github.blip2j.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.blip2j.Blip2;
import io.github.blip2j.ChatSession;
import io.github.blip2j.Generation;
import io.github.blip2j.chat.ChatOptions;
import io.github.blip2j.chat.ChatTemplate;
import io.github.blip2j.chat.ChatTurn;
import io.github.blip2j.chat.ContextPolicy;
import io.github.blip2j.core.Blip2Exception;
import io.github.blip2j.generation.GeneratedText;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintWriter;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code blip2 chat IMAGE}: a conversation in the terminal. */
@Command(
    name = "chat",
    description = {
      "A conversation about an image, or several: a question a line.",
      "/history, /undo, /image FILE, /save FILE, /restore FILE, /help, /quit.",
      "At a terminal lines can be edited and called back, Ctrl-C stops an answer, Ctrl-D ends."
    },
    mixinStandardHelpOptions = true,
    footer = {"", "Example:", "  blip2 chat --model Salesforce/blip2-opt-2.7b photo.jpg"})
@SuppressWarnings("NullAway.Init")
final class ChatCommand implements Callable<Integer> {
  private static final String[] COMMANDS = {
    "/history", "/undo", "/image", "/save", "/restore", "/help", "/quit"
  };
  private static final String PROMPT = "> ";
  private static final String HELP =
      "a question, or /history, /undo, /image FILE, /save FILE, /restore FILE, /quit";

  @Spec CommandSpec spec;
  @Mixin ModelOptions model;
  @Mixin GenerationArguments arguments;
  @Mixin FurtherImages further;

  @Option(
      names = "--chat-template",
      paramLabel = "blog|short-answer",
      description = "How the conversation becomes a prompt (default: ${DEFAULT-VALUE}).")
  String template = "blog";

  @Option(names = "--context", paramLabel = "N", description = "Most tokens (default: 512).")
  int context = ChatOptions.DEFAULT_CONTEXT_LIMIT;

  @Option(names = "--drop-oldest", description = "Forget the oldest turns beyond it.")
  boolean dropOldest;

  @Option(names = "--json", description = "Print one JSON object an answer.")
  boolean json;

  @Parameters(paramLabel = "IMAGE", description = "The image: a file, or a file: or data: URI.")
  String imageInput;

  private final InputStream input;
  private final Inputs inputs = Inputs.withoutStandardInput();
  private PrintWriter out;
  private Questions questions;
  private RequestImages images;
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
    ChatOptions options = options();
    model.check();
    images = further.behind(imageInput).required(inputs);
    try (Blip2 loaded = model.load(spec.commandLine().getErr());
        Questions asking = questions()) {
      blip2 = loaded;
      questions = asking;
      chat = blip2.chat(images.input(inputs), options);
      try {
        for (String line = asking.next(); line != null; line = asking.next()) {
          try {
            if (!obey(line.strip())) {
              break;
            }
          } catch (Blip2Exception | IllegalArgumentException | IllegalStateException e) {
            failed(line.strip(), e);
          }
          out.flush(); // a terminal's editor does not
        }
      } finally {
        chat.close();
      }
    }
    return 0;
  }

  /** Edited lines if both the questions and the answers are on a terminal. */
  private Questions questions() throws IOException {
    PrintWriter err = spec.commandLine().getErr();
    if (err instanceof TerminalWriter
        && TerminalWriter.isTerminal(0)
        && TerminalWriter.isTerminal(1)) {
      err.println(HELP);
      err.println("Ctrl-C stops an answer, Ctrl-D ends.");
      return TerminalQuestions.open(PROMPT, COMMANDS);
    }
    return new PipedQuestions(new Lines(input), out, json ? "" : PROMPT);
  }

  private void failed(String line, RuntimeException e) {
    if (json) {
      out.println(Output.failure(images, line, String.valueOf(e.getMessage())));
    } else {
      out.println("blip2: " + e.getMessage());
    }
    out.flush();
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
          chat.history()
              .forEach(t -> out.println(json ? line(t) : t.question() + "\n  " + t.answer()));
      case "/undo" -> said("undone: " + chat.undo().question());
      case "/save" -> chat.save(Inputs.path(required("/save", argument)));
      case "/image" -> replace(blip2.chat(inputs.image(required("/image", argument)), options()));
      case "/restore" ->
          replace(
              blip2.restoreChat(Inputs.path(required("/restore", argument)), arguments.options()));
      default -> {
        if (line.startsWith("/")) {
          said(HELP);
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

  private static String line(ChatTurn turn) {
    ObjectNode node = Output.MAPPER.createObjectNode();
    return node.put("question", turn.question()).put("answer", turn.answer()).toString();
  }

  /** Says what is no answer; among lines of JSON there is nothing else. */
  private void said(String text) {
    PrintWriter to = json ? spec.commandLine().getErr() : out;
    to.println(text);
    to.flush();
  }

  private void ask(String question) {
    try (Generation answer = chat.askStreaming(question)) {
      questions.interruptibly(() -> read(answer), answer::cancel);
      if (json) {
        List<GeneratedText> text = answer.result().map(List::of).orElse(List.of());
        Output.lines(images, question, text).forEach(out::println);
      }
    }
    if (!json) {
      out.println();
    }
    out.flush();
  }

  private void read(Generation answer) {
    answer.forEachRemaining(
        piece -> {
          if (!json) {
            out.print(piece.text());
            out.flush();
          }
        });
  }
}
