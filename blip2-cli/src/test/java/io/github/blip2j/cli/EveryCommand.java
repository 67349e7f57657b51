package io.github.blip2j.cli;

import ai.djl.util.Ec2Utils;
import io.github.blip2j.testkit.Fixtures;
import java.lang.reflect.Field;
import java.nio.file.Path;
import java.util.List;

/** Runs every command of the program in this process, each as if it were the first. */
public final class EveryCommand {
  private EveryCommand() {}

  /**
   * Runs them.
   *
   * @param arguments a backend and a folder to write to; the Hub's cache has the model owner/tiny
   */
  public static void main(String[] arguments) throws Exception {
    String backend = arguments[0];
    Path folder = Path.of(arguments[1]);
    String opt = Fixtures.directory("tiny-opt").toString();
    String itm = Fixtures.directory("tiny-itm").toString();
    String image = Fixtures.image("portrait.png").toString();
    String index = folder.resolve("index").toString();
    String recipe = backend.equals("onnx") ? "small" : "balanced"; // djl has no 4-bit weights
    int failed = 0;
    for (List<String> command :
        List.of(
            List.of("caption", image), // the built-in model, and whichever backend is there
            List.of("caption", "--model", opt, "--backend", backend, image),
            List.of("caption", "--model", opt, "--stream", image),
            List.of("caption", "--model", "owner/tiny", "--backend", backend, image),
            List.of("caption", "--model", "owner/tiny@main", image),
            List.of("ask", "--model", "owner/none", image, "what is it?"), // is not here
            List.of("ask", "--model", opt, image, "what is it?"),
            List.of("chat", "--model", opt, image),
            List.of("rank", "--model", opt, "--prompt", "it is", image, "day", "night"),
            List.of("batch", "--model", opt),
            List.of("mcp", "--model", opt, "--backend", backend), // its input is empty
            List.of("encode", "--model", opt, "--out", folder.resolve("e").toString(), image),
            List.of("match", "--model", itm, image, "a cat"),
            List.of("embed", "--model", itm, "--text", "a cat"),
            List.of("attention", "--model", opt, "--backend", backend, image),
            List.of("index", "add", "--model", itm, "--index", index, image),
            List.of("index", "search", "--model", itm, "--index", index, "a cat"),
            List.of("index", "export", "--model", itm, "--index", index),
            List.of("index", "merge", "--model", itm, "--index", index + "-all", index),
            List.of("quality", "--model", opt, "--precision", "int8", image),
            List.of(
                "convert", opt, "--precision", recipe, "--output", folder.resolve("c").toString()),
            List.of("cache", "list"))) {
      forgetTheLastCall();
      Run run = Run.with("what is it?\n", command.toArray(String[]::new));
      boolean refused =
          command.get(0).equals("batch") // the line is no request
              || command.contains("owner/none");
      if (run.status() != (refused ? 1 : 0)) {
        System.err.println(command + ": " + run.err());
        failed++;
      }
    }
    System.exit(failed == 0 ? 0 : 1);
  }

  /** DJL calls its maker at most once a day. */
  private static void forgetTheLastCall() throws ReflectiveOperationException {
    Field last = Ec2Utils.class.getDeclaredField("lastCheckIn");
    last.setAccessible(true);
    last.setLong(null, 0);
  }
}
