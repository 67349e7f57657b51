package io.github.blip2j.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.blip2j.testkit.Fixtures;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What the report of a machine says, and that a model's plan is told without loading it. */
class DoctorCommandTest {
  private static final String OPT = Fixtures.directory("tiny-opt").toString();

  @Test
  void theReportHasWhatAFaultMayComeFrom() {
    Run run = Run.of("doctor", "--model", OPT, "--precision", "int8");
    assertThat(run.status()).as(run.out() + run.err()).isZero();
    assertThat(run.out())
        .contains("java: " + Runtime.version())
        .contains("system: " + System.getProperty("os.name"))
        .contains("threads: " + Runtime.getRuntime().availableProcessors())
        .containsPattern("memory: \\d+\\.\\d [GM]B within this process's limits")
        .containsPattern("java heap: at most \\d+\\.\\d [GM]B")
        .contains("backend onnx: usable", "backend djl: usable")
        .containsPattern("backend onnx on cuda:0: (not usable: .+|usable)")
        .containsPattern("native libraries of onnxruntime 1\\S+: /.+, \\d+\\.\\d [GM]B")
        .containsPattern("libcudart.so.12: (/|not found)")
        .containsPattern("cache: /.+ [GM]B in \\d+ derived files")
        .containsPattern("hub cache: /.+, (not there yet|\\d+\\.\\d [GM]B in \\d+ models)")
        .containsPattern("(?m)^backend: onnx \\(")
        .contains("int8")
        .endsWith("\nonnx on cpu: ok\ndjl on cpu: ok\n");
    for (String line : run.out().lines().toList()) {
      assertThat(line).matches("[^:]+(:\\d)?: .+").doesNotContain("null");
    }
    assertThat(run.err().lines())
        .contains(
            "plan of onnx on cpu:",
            "  device: cpu (asked for)",
            "  precisions: float32,float32,float32 (usual for onnx on cpu)",
            "  language attention: fused (the CPU has it for float32, with a bias too)",
            "plan of djl on cpu:",
            "  precisions: float32,float32,float32 (usual for djl on cpu)");
  }

  @Test
  void aDeviceThatIsNotHereIsAFailure() {
    Run gpu = Run.of("doctor", "--device", "cuda:7");
    assertThat(gpu.status()).isEqualTo(1);
    assertThat(gpu.out()).contains("djl on cpu: ok", "djl on cuda:7: ");
  }

  @Test
  void theReportCanBeOneObject() throws Exception {
    Run run = Run.of("doctor", "--json");
    assertThat(run.status()).as(run.err()).isZero();
    assertThat(run.json()).hasSize(1);
    JsonNode report = run.json().get(0);
    assertThat(report.get("machine").get("java").textValue())
        .contains(Runtime.version().toString());
    assertThat(report.get("self-test").get("onnx on cpu").textValue()).isEqualTo("ok");
    assertThat(report.has("plan")).isFalse();
  }

  @Test
  void aModelThatCannotRunHereIsAFailureWithItsReason() {
    Run run = Run.of("doctor", "--model", OPT, "--backend", "none");
    assertThat(run.status()).isEqualTo(1);
    assertThat(run.out()).contains("cannot run: ").contains("none");
    assertThat(run.out()).contains("onnx on cpu: ok"); // the test is made all the same
  }

  @Test
  void publishedNeedsAModelThatIsPublished() {
    for (List<String> wrong :
        List.of(
            List.of("doctor", "--published"),
            List.of("doctor", "--published", "--model", OPT),
            List.of("doctor", "--published", "--model", "Salesforce/blip2-opt-2.7b-coco"))) {
      Run run = Run.of(wrong.toArray(String[]::new));
      assertThat(run.status()).as("%s", wrong).isEqualTo(2);
      assertThat(run.err()).as("%s", wrong).startsWith("blip2: --published: expected ");
    }
    Run missing = Run.of("doctor", "--published", "--model", "none/blip2-opt-2.7b");
    assertThat(missing.status()).isEqualTo(1);
    assertThat(missing.err())
        .contains("--beach FILE makes them, with https://huggingface.co/hf-internal-testing/")
        .contains("--cats FILE makes them, with http://images.cocodataset.org/")
        .contains("blip2: none/blip2-opt-2.7b");
  }
}
