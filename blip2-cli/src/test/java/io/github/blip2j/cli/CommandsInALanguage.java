package io.github.blip2j.cli;

import io.github.blip2j.testkit.Fixtures;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/**
 * A program that runs every command with small models on one backend, and what asks the engine for
 * something else on the other, and prints what they printed and their status, once for each locale
 * that is named behind the first argument; the rest of a process's locale is as it was started.
 */
final class CommandsInALanguage {
  private static final String TURN = "== ";

  private final PrintStream out;
  private final Path folder;

  private CommandsInALanguage(PrintStream out, Path folder) {
    this.out = out;
    this.folder = folder;
  }

  /** Arguments: an empty folder, then language tags; {@code -} is the process's own locale. */
  public static void main(String[] arguments) throws IOException {
    PrintStream out = System.out;
    List<String> tags = Arrays.asList(arguments).subList(1, arguments.length);
    for (String tag : tags) {
      if (!tag.equals("-")) {
        Locale.setDefault(Locale.forLanguageTag(tag));
      }
      out.println(TURN + tag);
      Path folder = Files.createDirectories(Path.of(arguments[0], tag));
      CommandsInALanguage commands = new CommandsInALanguage(out, folder);
      commands.runAll();
      commands.runDjl();
      commands.run("", "cache", "list");
      commands.run("", "doctor");
    }
    System.exit(0);
  }

  /** What was printed for each locale, in their order. */
  static List<String> turns(String output) {
    return Arrays.stream(output.split("(?m)^" + TURN + ".*\\R"))
        .filter(turn -> !turn.isBlank())
        .toList();
  }

  private static String[] on(String backend, String model) {
    return new String[] {"--model", Fixtures.directory(model).toString(), "--backend", backend};
  }

  /** Each engine's own part: its scripts, precisions, and every kind of its forward passes. */
  private void runDjl() throws IOException {
    String image = Fixtures.image("photo.jpg").toString();
    run("", with(on("djl", "tiny-opt"), "caption", "--json", "--num-beams", "3", image));
    run("", with(on("djl", "tiny-opt"), "quality", "--precision", "int8", "--prompt", "a", image));
    run("", with(on("djl", "tiny-t5"), "rank", "--prompt", "Answer:", image, "two", "cats"));
    run("", with(on("djl", "tiny-itm"), "match", image, "a rocket", "two cats"));
    run("", with(on("djl", "tiny-itm"), "embed", "--image", image, "--text", "a rocket"));
  }

  private void runAll() throws IOException {
    String image = Fixtures.image("photo.jpg").toString();
    String[] opt = on("onnx", "tiny-opt");
    run("", with(opt, "caption", "--json", "--num-beams", "3", image));
    run("", with(opt, "caption", "--stream", image, "none.png"));
    run("", with(opt, "ask", "--do-sample", "--seed", "7", image, "how many?", "who?"));
    run("", with(opt, "quality", "--precision", "int8", "--prompt", "a", image));
    run("what is it?\n/history\n/image none.png\n", with(opt, "chat", image));
    run(requests(image), with(opt, "batch"));
    String file = folder.resolve("image.safetensors").toString();
    run("", with(opt, "encode", "--out", file, image));
    run("", with(opt, "caption", file));
    String[] t5 = on("onnx", "tiny-t5");
    run("", with(t5, "rank", "--prompt", "Answer:", image, "two", "cats"));
    run("", with(t5, "caption", "--json", image));
    String[] at = on("onnx", "tiny-itm");
    run("", with(at, "match", image, "a rocket", "two cats"));
    run("", with(at, "embed", "--image", image, "--text", "a rocket"));
    String index = folder.resolve("index").toString();
    String other = Fixtures.image("tiny.png").toString();
    run("", with(at, "index", "add", "--index", index, "--field", "i=I", image, other));
    run("", with(at, "index", "search", "--index", index, "--field", "i=I", "a rocket"));
    run("", with(at, "index", "search", "--index", index, "--rerank", "20", "--json", "a cat"));
    run("", with(at, "index", "export", "--index", index));
    run("", with(at, "index", "merge", "--index", index + "-all", index));
    run("", with(at, "index", "delete", "--index", index, other));
  }

  private static String requests(String image) {
    return "{\"image\": \""
        + image
        + "\", \"num_beams\": 2, \"max_new_tokens\": 4}\n"
        + ("{\"image\": \"" + image + "\", \"max_new_tokens\": 0}\n")
        + ("{\"image\": \"" + image + "\", \"prompt\": \"" + "word ".repeat(99) + "\"}\n")
        + ("{\"image\": \"" + image + "\", \"task\": \"rank\", \"candidates\": [\"a\", \"i\"]}\n");
  }

  private static String[] with(String[] model, String... arguments) {
    int names = arguments[0].equals("index") ? 2 : 1;
    List<String> all = new ArrayList<>(List.of(arguments));
    all.addAll(names, List.of(model));
    return all.toArray(String[]::new);
  }

  private void run(String input, String... arguments) throws IOException {
    Run run = Run.with(input, arguments);
    boolean cache = arguments[0].equals("cache");
    String said = run.out() + run.err();
    if (cache) { // what else is in the cache folder is not known here
      said = said.lines().skip(said.lines().count() - 1).findFirst().orElse("");
      said = said.replaceAll("[0-9]+", "0").strip();
    }
    if (arguments[0].equals("doctor")) { // memory and files differ from run to run
      said = said.replaceAll("[0-9]+", "0");
    }
    String text = List.of(arguments) + "\n" + said + "\nstatus " + run.status() + "\n";
    out.write(masked(text).getBytes(StandardCharsets.UTF_8));
    out.flush();
  }

  /** Without the names of temporary folders. */
  private String masked(String text) {
    String masked = text.replace(folder.toString(), "FOLDER");
    for (String name : List.of("tiny-opt", "tiny-t5", "tiny-itm", "images")) {
      masked = masked.replace(Fixtures.directory(name).toString(), name);
    }
    return masked;
  }
}
