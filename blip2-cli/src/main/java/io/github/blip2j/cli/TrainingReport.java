package io.github.blip2j.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.blip2j.train.TrainingListener;
import java.io.PrintWriter;
import java.util.Locale;

/** Prints how a training goes, a line as each step or validation is done. */
final class TrainingReport implements TrainingListener {
  private final PrintWriter out;
  private final PrintWriter err;
  private final int steps;
  private final boolean json;

  /**
   * Of one training.
   *
   * @param steps of all of it
   * @param json whether lines are objects
   */
  TrainingReport(PrintWriter out, PrintWriter err, int steps, boolean json) {
    this.out = out;
    this.err = err;
    this.steps = steps;
    this.json = json;
  }

  @Override
  public void encoded(int done, int total) {
    if (done == total) {
      err.println("blip2: " + total + " examples are encoded");
      err.flush();
    }
  }

  @Override
  public void stepped(Step step) {
    if (json) {
      ObjectNode node = Output.MAPPER.createObjectNode();
      print(
          node.put("step", step.number())
              .put("loss", step.loss())
              .put("learning_rate", step.rate())
              .put("gradient_norm", step.gradientNorm())
              .put("tokens", step.tokens())
              .toString());
    } else {
      print(
          String.format(
              Locale.ROOT,
              "step %d of %d: loss %.4f, rate %.2e, gradient %.3f",
              step.number(),
              steps,
              step.loss(),
              step.rate(),
              step.gradientNorm()));
    }
  }

  @Override
  public void validated(int step, double loss) {
    if (json) {
      ObjectNode node = Output.MAPPER.createObjectNode();
      print(node.put("step", step).put("validation_loss", loss).toString());
    } else {
      print(String.format(Locale.ROOT, "step %d of %d: validation %.4f", step, steps, loss));
    }
  }

  private void print(String line) {
    out.println(line);
    out.flush();
  }
}
