package io.github.blip2j.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.blip2j.testkit.Fixtures;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** With many requests at once standard output is what it is with one. */
class BatchConcurrencyTest {
  private static String request(int number) {
    return String.format(
        Locale.ROOT,
        switch (number % 5) {
          case 0 -> "{\"image\": \"%1$s\", \"max_new_tokens\": %2$d}";
          case 1 -> "{\"image\": \"%1$s\", \"prompt\": \"a photo of\", \"max_new_tokens\": %2$d}";
          case 2 -> "{\"image\": \"no-such-%2$d.png\"}";
          case 3 ->
              "{\"image\": \"%1$s\", \"do_sample\": true, \"seed\": %2$d, \"max_new_tokens\": 6}";
          default ->
              "{\"image\": \"%1$s\", \"num_beams\": 3, \"num_return_sequences\": 2,"
                  + " \"max_new_tokens\": 5}";
        },
        Fixtures.image(number % 2 == 0 ? "tiny.png" : "landscape.png"),
        1 + number % 9);
  }

  private static Run run(String input, String backend, String concurrency) {
    return Run.with(
        input,
        "batch",
        "--model",
        Fixtures.directory("tiny-opt").toString(),
        "--backend",
        backend,
        "--concurrency",
        concurrency);
  }

  @ParameterizedTest
  @ValueSource(strings = {"onnx", "djl"})
  void linesAreTheSameInTheSameOrder(String backend) throws Exception {
    List<String> requests = new ArrayList<>();
    for (int i = 0; i < 30; i++) {
      requests.add(request(i));
    }
    requests.add(7, "");
    requests.add(9, "nonsense");
    String input = String.join("\n", requests);
    Run one = run(input, backend, "1");
    Run many = run(input, backend, "5");
    assertThat(one.json()).hasSize(30 + 6 + 1); // six requests have two sequences
    assertThat(withoutScores(many)).isEqualTo(withoutScores(one));
    assertThat(many.status()).isEqualTo(1);
  }

  /** Sums in a shared step may be rounded otherwise in the last digit. */
  private static List<String> withoutScores(Run run) throws Exception {
    return run.json().stream()
        .map(line -> line.toString().replaceAll("\"score\":-?[0-9.E-]+", "\"score\":"))
        .toList();
  }

  @Test
  void noRequestsAreNoneWithManyAtOnce() {
    Run run = run("\n\n", "onnx", "4");
    assertThat(run.status()).isZero();
    assertThat(run.out()).isEmpty();
  }

  @Test
  void lessThanOneAtOnceIsRefused() {
    Run run = run("", "onnx", "0");
    assertThat(run.status()).isEqualTo(2);
    assertThat(run.err()).contains("--concurrency (0) must be at least 1");
  }
}
