package io.github.blip2j.internal.backend;

import io.github.blip2j.checkpoint.Bundle;
import io.github.blip2j.core.CheckpointException;
import io.github.blip2j.core.Decision;
import io.github.blip2j.core.Precisions;
import io.github.blip2j.core.Recipe;
import io.github.blip2j.internal.backend.ExecutionPlan.Wishes;
import io.github.blip2j.spi.Backend;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The precisions of a model: asked for, a recipe's, a bundle's, or the usual ones. */
final class ChosenPrecisions {
  private static final String PART = "precisions";

  private ChosenPrecisions() {}

  static Decision<Precisions> of(
      Wishes wishes, BackendRegistry.Choice choice, @Nullable Bundle bundle) {
    Backend backend = choice.backend();
    Decision<Precisions> asked = asked(wishes, choice);
    if (bundle != null && !bundle.forms().isEmpty()) {
      requireForms(bundle, backend);
      return held(bundle, asked);
    }
    if (asked != null) {
      return asked;
    }
    if (bundle != null && bundle.about().backend().equals(backend.id())) {
      return new Decision<>(PART, bundle.about().precisions(), "as the bundle was made");
    }
    return new Decision<>(
        PART,
        backend.precisions(choice.device()),
        "usual for " + backend.id() + " on " + choice.device());
  }

  private static @Nullable Decision<Precisions> asked(
      Wishes wishes, BackendRegistry.Choice choice) {
    Recipe recipe = wishes.recipe();
    if (recipe != null) {
      Precisions precisions = choice.backend().precisions(choice.device(), recipe);
      return new Decision<>(PART, precisions, recipe.label() + " asked for");
    }
    return wishes.precisions() == null
        ? null
        : new Decision<>(PART, wishes.precisions(), "asked for");
  }

  private static Decision<Precisions> held(Bundle bundle, @Nullable Decision<Precisions> asked) {
    Precisions held = bundle.about().precisions();
    if (asked != null && !asked.choice().equals(held)) {
      throw new CheckpointException(
          bundle
              + ": precision: expected "
              + held.label()
              + ", which its weights were converted to, found "
              + asked.choice().label()
              + "; leave the precision away, or use the checkpoint that it was made of");
    }
    return new Decision<>(PART, held, made(bundle));
  }

  private static String made(Bundle bundle) {
    String made = "as the bundle was made";
    Bundle.Calibrated calibration = bundle.about().calibration();
    return calibration == null ? made : made + ", " + calibration;
  }

  private static void requireForms(Bundle bundle, Backend backend) {
    List<String> strange = bundle.forms().stream().filter(f -> !backend.reads(f)).toList();
    if (!strange.isEmpty()) {
      throw new CheckpointException(
          bundle
              + ": expected backend "
              + bundle.about().backend()
              + ", which reads weights as "
              + strange
              + ", found "
              + backend.id()
              + "; choose that backend, or convert the original checkpoint again for this one");
    }
  }
}
