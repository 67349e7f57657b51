package io.github.blip2j.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.blip2j.core.Decision;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.List;
import org.junit.jupiter.api.Test;

class PlanPrinterTest {
  private static final Decision<String> DRAFT = new Decision<>("draft", "none", "not asked for");
  private static final Decision<String> LAYOUT = new Decision<>("layout", "mapped", "usual");

  private final StringWriter printed = new StringWriter();
  private final PlanPrinter plans = new PlanPrinter("plan:", new PrintWriter(printed));

  @Test
  void whatTwoPlansHaveInCommonIsPrintedOnce() {
    plans.planned(List.of(DRAFT));
    plans.planned(List.of(DRAFT, LAYOUT));
    assertThat(printed.toString().lines())
        .containsExactly("plan:", "  draft: none (not asked for)", "  layout: mapped (usual)");
  }

  /** As of a device that is not there: a heading above nothing looks as if something was lost. */
  @Test
  void aModelThatIsNotPlannedHasNoHeading() {
    plans.planned(List.of());
    assertThat(printed.toString()).isEmpty();
  }
}
