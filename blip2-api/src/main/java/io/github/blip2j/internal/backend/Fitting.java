package io.github.blip2j.internal.backend;

import io.github.blip2j.core.BackendUnavailableException;
import io.github.blip2j.core.Decision;
import io.github.blip2j.core.Precisions;
import io.github.blip2j.spi.Backend;
import io.github.blip2j.spi.LoadRequest;
import java.util.Locale;
import java.util.OptionalLong;

/**
 * Lower precisions where the usual ones do not fit comfortably into what this process may use: all
 * weights, those in mapped files too, since each token reads a language model's and a file that the
 * system must drop is read again from the disk; and room beside them for the virtual machine,
 * activations and caches, a quarter of the weights and at most 1 GiB. A caption at the size of
 * blip2-opt-2.7b takes 0.2 to 0.4 GB beside its weights, so that leaves half of the room to others.
 */
public final class Fitting {
  private static final long MOST_ROOM = 1L << 30;

  private Fitting() {}

  /**
   * The plan that fits.
   *
   * @param plan the usual one
   * @param request of that plan
   * @param available bytes; nothing where the system does not tell, and then everything fits
   * @return the plan itself if it fits, or if what memory depends on was asked for
   * @throws BackendUnavailableException if even the backend's smallest precisions do not fit
   */
  public static ExecutionPlan of(
      ExecutionPlan plan,
      ExecutionPlan.Wishes wishes,
      Candidates candidates,
      OptionalLong available) {
    LoadRequest request = candidates.request();
    if (!wishes.open()
        || available.isEmpty()
        || request.checkpoint().bundle() != null
        || fits(candidates.backend().weightBytes(request), available)) {
      return plan;
    }
    Precisions usual = plan.execution().precisions();
    long smallest = candidates.backend().weightBytes(request);
    String figures =
        String.format(
            Locale.ROOT,
            "%s needs %s, found %s available",
            usual.label(),
            gigabytes(needed(smallest)),
            gigabytes(available.getAsLong()));
    for (Precisions lower : candidates.backend().fallbacks(request.execution().device())) {
      long bytes = candidates.backend().weightBytes(request.with(request.execution().with(lower)));
      if (fits(bytes, available)) {
        return plan.fitted(
            new Decision<>(
                Decision.FIT, lower, figures + "; this needs " + gigabytes(needed(bytes))));
      }
      smallest = Math.min(smallest, bytes);
    }
    throw new BackendUnavailableException(
        String.format(
            Locale.ROOT,
            "%s: expected %s of memory for the lowest precision, found %s available; name a"
                + " precision to try all the same",
            candidates.backend().id(),
            gigabytes(needed(smallest)),
            gigabytes(available.getAsLong())));
  }

  /** What is to be loaded, by whom. */
  public record Candidates(Backend backend, LoadRequest request) {}

  private static boolean fits(long weights, OptionalLong available) {
    return needed(weights) <= available.getAsLong();
  }

  /** Weights, and the room beside them. */
  static long needed(long weights) {
    return weights + Math.min(MOST_ROOM, weights / 4);
  }

  private static String gigabytes(long bytes) {
    return String.format(Locale.ROOT, "%.1f GB", bytes / 1e9);
  }
}
