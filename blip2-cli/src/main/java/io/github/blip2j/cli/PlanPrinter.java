package io.github.blip2j.cli;

import io.github.blip2j.core.Decision;
import io.github.blip2j.core.LoadListener;
import java.io.PrintWriter;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * Prints the plans by which models are loaded, under one heading; what two have in common, once.
 */
final class PlanPrinter implements LoadListener {
  private final String heading;
  private final PrintWriter out;
  private final Set<String> printed = new HashSet<>();

  PlanPrinter(String heading, PrintWriter out) {
    this.heading = heading;
    this.out = out;
  }

  @Override
  public void planned(List<Decision<?>> plan) {
    if (printed.isEmpty() && !plan.isEmpty()) { // of a model that cannot be planned none
      out.println(heading);
    }
    plan.stream().map(Decision::line).filter(printed::add).forEach(l -> out.println("  " + l));
    out.flush();
  }

  @Override
  public void progress(String stage, long done, long total) {}
}
