package io.github.blip2j.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.blip2j.testkit.Fixtures;
import io.github.blip2j.testkit.Golden;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import picocli.CommandLine;

/** {@code --adapter}, which is there wherever {@code --model} is. */
class AdapterOptionTest {
  private static final int END = 202;
  private static final String BASE = Fixtures.directory(Fixtures.ADAPTED).toString();
  private static final String IMAGE = Fixtures.image("landscape.png").toString();

  @TempDir Path folder;

  private static String request(Golden.Case golden) {
    ObjectNode node = Output.MAPPER.createObjectNode();
    node.put("image", Fixtures.image(golden.images().get(0)).toString());
    if (golden.prompts() != null) {
      node.put("prompt", golden.prompts().get(0));
    }
    node.setAll((ObjectNode) golden.arguments());
    return node.toString();
  }

  @ParameterizedTest
  @CsvSource({
    "tiny-opt-lora, onnx",
    "tiny-opt-lora-regex, djl",
    "tiny-opt-dora, onnx",
    "tiny-opt-dora, djl"
  })
  void aBatchAnswersWithTheAdapter(String adapter, String backend) throws IOException {
    Path directory = Fixtures.directory(adapter);
    List<Golden.Case> cases = new Golden(directory).cases("caption", "greedy", "beam3");
    StringBuilder input = new StringBuilder();
    cases.forEach(c -> input.append(request(c)).append('\n'));
    Run run =
        Run.with(
            input.toString(),
            "batch",
            "--model",
            BASE,
            "--adapter",
            directory.toString(),
            "--backend",
            backend);
    assertThat(run.status()).as(run.err()).isZero();
    List<JsonNode> lines = run.json();
    assertThat(lines).hasSize(5 + 4 + 4);
    for (int i = 0; i < lines.size(); i++) {
      List<Integer> ids = new ArrayList<>();
      lines.get(i).get("token_ids").forEach(id -> ids.add(id.intValue()));
      assertThat(ids).as("%s", cases.get(i)).isEqualTo(cases.get(i).expected(0, List.of(END)));
      assertThat(lines.get(i).get("text").textValue()).isEqualTo(cases.get(i).texts().get(0));
    }
  }

  @Test
  void aCaptionIsTheAdaptersAndTheModelsOwnWithoutIt() {
    Path adapter = Fixtures.directory("tiny-opt-dora");
    Golden.Case with = new Golden(adapter).cases("caption").get(0);
    Golden.Case without = new Golden(Path.of(BASE)).cases("caption").get(0);
    assertThat(with.texts()).isNotEqualTo(without.texts());
    Run adapted = Run.of("caption", "--model", BASE, "--adapter", adapter.toString(), IMAGE);
    assertThat(adapted.out().strip()).as(adapted.err()).isEqualTo(with.texts().get(0));
    assertThat(Run.of("caption", "--model", BASE, IMAGE).out().strip())
        .isEqualTo(without.texts().get(0));
  }

  /** A wrong adapter is refused by every command: none forgets the option. */
  @Test
  void everyCommandThatLoadsAModelMergesIt() {
    String itm = Fixtures.directory("tiny-itm").toString();
    String index = folder.resolve("index").toString();
    String out = folder.resolve("e").toString();
    for (List<String> command :
        List.of(
            List.of("caption", "--model", BASE, IMAGE),
            List.of("ask", "--model", BASE, IMAGE, "what is it?"),
            List.of("chat", "--model", BASE, IMAGE),
            List.of("rank", "--model", BASE, "--prompt", "it is", IMAGE, "day", "night"),
            List.of("batch", "--model", BASE),
            List.of("encode", "--model", BASE, "--out", out, IMAGE),
            List.of("match", "--model", itm, IMAGE, "a cat"),
            List.of("embed", "--model", itm, "--text", "a cat"),
            List.of("index", "add", "--model", itm, "--index", index, IMAGE),
            List.of("quality", "--model", BASE, "--precision", "int8", IMAGE))) {
      List<String> all = new ArrayList<>(command);
      int options = command.indexOf("--model");
      all.addAll(options, List.of("--adapter", folder.toString()));
      String line = request(new Golden(Path.of(BASE)).cases("caption").get(0));
      Run run = Run.with(line + "\n", all.toArray(String[]::new));
      assertThat(run.status()).as("%s", command).isEqualTo(1);
      assertThat(run.err() + run.out())
          .as("%s", command)
          .contains("adapter_config.json: expected this file, found none");
    }
  }

  @Test
  void anAdapterOfTheHubThatIsNotHereIsSaidWithTheCommand() {
    Run run = Run.of("caption", "--model", BASE, "--adapter", "owner/no-such-adapter", IMAGE);
    assertThat(run.status()).isEqualTo(1);
    assertThat(run.err())
        .contains("owner/no-such-adapter (revision main): expected a directory or a downloaded ad")
        .contains("`blip2 download owner/no-such-adapter` brings it there");
  }

  @Test
  void theOptionIsWhereverAModelIsNamed() {
    List<String> named = new ArrayList<>();
    check(Main.commandLine(), named);
    assertThat(named).hasSizeGreaterThanOrEqualTo(10);
  }

  private static void check(CommandLine command, List<String> named) {
    if (command.getCommandSpec().optionsMap().containsKey("--model")) {
      assertThat(command.getCommandSpec().optionsMap()).containsKey("--adapter");
      named.add(command.getCommandName());
    }
    command.getSubcommands().values().forEach(sub -> check(sub, named));
  }
}
