package io.github.blip2j.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.blip2j.testkit.Fixtures;
import io.github.blip2j.testkit.Golden;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import picocli.CommandLine;

/**
 * Comparing with what is published, by the reference's results for a small model: what agrees is
 * found to agree, and what differs is named exactly.
 */
class PublishedTest {
  private static final Path OPT = Fixtures.directory("tiny-opt");
  private static final Path ITM = Fixtures.directory("tiny-itm");

  private static String name(Path model) {
    return model.getFileName().toString();
  }

  private static ObjectNode table(Path model, JsonNode... checks) {
    ObjectNode root = Output.MAPPER.createObjectNode();
    root.putObject("images").put("beach", "https://example.org/demo.jpg").put("cats", "cats");
    ArrayNode all = root.putObject("models").putArray(name(model));
    for (JsonNode check : checks) {
      all.add(check);
    }
    return root;
  }

  private static Run run(ObjectNode table, Path model, String... more) {
    CommandLine line = Main.commandLine();
    line.getCommandSpec().removeSubcommand("doctor");
    line.addSubcommand("doctor", new DoctorCommand(Published.of(table)));
    StringWriter out = new StringWriter();
    StringWriter err = new StringWriter();
    line.setOut(new PrintWriter(out)).setErr(new PrintWriter(err));
    List<String> arguments =
        new ArrayList<>(List.of("doctor", "--published", "--model", model.toString()));
    arguments.addAll(List.of(more));
    int status = Main.run(line, arguments.toArray(String[]::new));
    return new Run(status, out.toString(), err.toString());
  }

  private static ObjectNode tokens(List<Integer> ids) {
    ObjectNode check =
        Output.MAPPER.createObjectNode().put("check", "tokens").put("image", "beach");
    check.putNull("prompt");
    ids.forEach(check.putArray("ids")::add);
    return check;
  }

  @Test
  void tokensThatAreAsPublishedAreWell() {
    Golden.Case c = new Golden(OPT).cases("caption").get(0);
    String image = Fixtures.image(c.images().get(0)).toString();
    ObjectNode text = Output.MAPPER.createObjectNode().put("check", "text").put("image", "beach");
    text.putNull("prompt").put("text", c.texts().get(0));
    Run run = run(table(OPT, tokens(c.newIds().get(0)), text), OPT, "--beach", image);
    assertThat(run.status()).as(run.out() + run.err()).isZero();
    assertThat(run.out()).contains("image beach, no prompt: ok").contains("checks: 2 of 2 made");
    assertThat(run.err()).contains("checks of image cats are left out: --cats FILE");
  }

  @Test
  void theFirstTokenThatDiffersIsNamed() {
    Golden.Case c = new Golden(OPT).cases("caption").get(0);
    String image = Fixtures.image(c.images().get(0)).toString();
    List<Integer> ids = new ArrayList<>(c.newIds().get(0));
    int found = ids.set(2, 5);
    Run run = run(table(OPT, tokens(ids)), OPT, "--beach", image);
    assertThat(run.status()).isEqualTo(1);
    assertThat(run.out())
        .contains("image beach, no prompt: token 2: expected 5, found " + found + "; expected text")
        .contains(c.newIds().get(0).toString())
        .contains(ids.toString());
    List<Integer> shorter = c.newIds().get(0).subList(0, 3);
    assertThat(run(table(OPT, tokens(shorter)), OPT, "--beach", image).out())
        .contains("token 3: expected the end, found ");
  }

  @Test
  void matchesAndVectorsAreComparedWithinTheirTolerance() throws Exception {
    String image = Fixtures.image("photo.jpg").toString();
    Run embedded =
        Run.of("embed", "--model", ITM.toString(), "--image", image, "--text", "two cats");
    JsonNode vectors = embedded.json().get(0);
    ObjectNode text = Output.MAPPER.createObjectNode().put("check", "text_vector");
    text.put("text", "two cats").put("tolerance", 1e-4);
    ArrayNode values = text.putArray("values");
    for (int i = 0; i < 3; i++) {
      values.add(vectors.get("embedding").get(i));
    }
    ObjectNode seen = Output.MAPPER.createObjectNode().put("check", "image_vector");
    seen.put("image", "beach").put("tolerance", 1e-4);
    seen.putArray("values").add(vectors.get("projected").get(0).get(0).doubleValue() + 0.01);
    Run matched = Run.of("match", "--json", "--model", ITM.toString(), image, "two cats");
    ObjectNode match = Output.MAPPER.createObjectNode().put("check", "match").put("image", "beach");
    match.put("text", "two cats").put("tolerance", 1e-4);
    match.set("itm_probability", matched.json().get(0).get("itm_probability").get(0));
    match.set("itc_similarity", matched.json().get(0).get("itc_similarity").get(0));
    Run run = run(table(ITM, match, text, seen), ITM, "--beach", image);
    assertThat(run.status()).as(run.err()).isEqualTo(1);
    assertThat(run.out()).contains("image beach, \"two cats\": ok").contains("text vector: ok");
    assertThat(run.out())
        .containsPattern("image vector: value 0: expected -?0\\.\\d{4} within 1.0E-4");
  }

  /** A softmax over the cosines themselves: each score is near 1 in the number of labels. */
  @Test
  void labelsAreScoredAsThePipelineDoes() {
    ObjectNode labels = Output.MAPPER.createObjectNode().put("check", "labels");
    labels.put("image", "beach").put("tolerance", 0.6);
    labels.putArray("texts").add("2 cats").add("a plane");
    labels.putArray("values").add(0.5).add(0.5);
    String image = Fixtures.image("photo.jpg").toString();
    Run run = run(table(ITM, labels), ITM, "--beach", image);
    assertThat(run.status()).as(run.out()).isZero();
    labels.put("tolerance", 0.0);
    assertThat(run(table(ITM, labels), ITM, "--beach", image).out())
        .contains("value 0: expected 0.5000 within 0.0, found 0.");
  }

  @ParameterizedTest
  @CsvSource({
    "Salesforce/blip2-opt-2.7b, 5",
    "/home/me/.cache/hub/models--Salesforce--blip2-flan-t5-xl/snapshots/abc, 2",
    "C:\\models\\blip2-itm-vit-g, 4",
    "blip2-opt-2.7b, 5"
  })
  void theModelIsKnownByItsName(String model, int checks) {
    assertThat(Published.known().of(model)).hasSize(checks);
  }

  @ParameterizedTest
  @CsvSource({"Salesforce/blip2-opt-2.7b-coco", "blip2-flan-t5-xxl", "my-blip2-itm-vit-g"})
  void otherModelsHaveNothingPublished(String model) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Published.known().of(model))
        .withMessageContaining("found " + model);
  }

  /** Each check that comes with the program is one that can be made. */
  @Test
  void theTableIsWhole() {
    Published known = Published.known();
    known
        .checks()
        .forEach(
            (model, checks) -> {
              for (JsonNode check : checks) {
                String kind = check.get("check").textValue();
                assertThat(kind)
                    .isIn("tokens", "text", "match", "image_vector", "text_vector", "labels");
                if (check.has("image")) {
                  assertThat(known.images()).containsKey(check.get("image").textValue());
                }
                assertThat(check.has("prompt"))
                    .as("%s", check)
                    .isEqualTo(kind.equals("tokens") || kind.equals("text"));
                assertThat(check.has("ids")).isEqualTo(kind.equals("tokens"));
              }
            });
    assertThat(known.checks()).hasSize(3);
  }
}
