package io.github.blip2j.internal.backend;

import io.github.blip2j.core.BackendUnavailableException;
import io.github.blip2j.core.Device;
import io.github.blip2j.host.Natives;
import io.github.blip2j.spi.Backend;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.ServiceConfigurationError;
import java.util.ServiceLoader;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The installed backends and the choice among them: the one that is named, else the one of highest
 * priority that can run; with device {@code auto}, one that can use a GPU comes before any that
 * cannot.
 */
public final class BackendRegistry {
  private static final Logger LOG = LoggerFactory.getLogger(BackendRegistry.class);

  private final List<Backend> backends;
  private final List<String> broken;

  BackendRegistry(Iterator<Backend> found) {
    Map<String, Backend> byId = new LinkedHashMap<>();
    broken = new ArrayList<>();
    while (true) {
      try {
        if (!found.hasNext()) {
          break;
        }
        Backend backend = found.next();
        Backend twin = byId.putIfAbsent(backend.id(), backend);
        if (twin != null) {
          throw new IllegalStateException(
              String.format(
                  Locale.ROOT,
                  "backend id \"%s\" must be unique: %s and %s have it",
                  backend.id(),
                  twin.getClass().getName(),
                  backend.getClass().getName()));
        }
      } catch (ServiceConfigurationError | LinkageError e) {
        broken.add("a provider cannot be created: " + Natives.reason(e));
      }
    }
    backends = new ArrayList<>(byId.values());
    backends.sort(Comparator.comparingInt(Backend::priority).reversed().thenComparing(Backend::id));
  }

  /** Finds backends through {@link ServiceLoader}, on the class path and on the module path. */
  public static BackendRegistry installed() {
    return new BackendRegistry(
        ServiceLoader.load(Backend.class, BackendRegistry.class.getClassLoader()).iterator());
  }

  /**
   * A backend and the device that it can use.
   *
   * @param passedOver why those of higher priority do not run there
   */
  public record Choice(Backend backend, Device device, List<String> passedOver) {
    /** Copies the list. */
    public Choice {
      passedOver = List.copyOf(passedOver);
    }
  }

  /**
   * Chooses. A backend that is passed over for one of lower priority on a CPU is said in the log.
   *
   * @param id the backend to use, or null for the best that can run
   * @param device where to run
   * @param cache where native libraries may be unpacked
   * @throws BackendUnavailableException if none can; the message has each one's reason, and the
   *     first exception among them is the cause
   */
  public Choice choose(@Nullable String id, Device device, Path cache) {
    List<Backend> candidates =
        backends.stream().filter(b -> id == null || b.id().equals(id)).toList();
    List<Device> devices =
        device.type() == Device.Type.AUTO
            ? List.of(new Device(Device.Type.CUDA, 0), Device.CPU)
            : List.of(device);
    Obstacles all = new Obstacles(broken);
    for (Device d : devices) {
      Obstacles here = new Obstacles(d.equals(Device.CPU) ? broken : List.of());
      for (Backend backend : candidates) {
        if (!here.found(backend, d, cache)) {
          return chosen(new Choice(backend, d, here.reasons));
        }
      }
      all.add(here);
    }
    BackendUnavailableException none =
        new BackendUnavailableException(message(id, device, all.reasons), all.first());
    all.causes.stream().skip(1).forEach(none::addSuppressed);
    throw none;
  }

  /**
   * Starts the engine of the backend that is asked first, so that choosing it later takes no time.
   *
   * @param id the backend to use, or null
   * @param cache where native libraries may be unpacked
   * @throws RuntimeException what the engine threw, which choosing will say better
   */
  public void start(@Nullable String id, Path cache) {
    backends.stream()
        .filter(b -> id == null || b.id().equals(id))
        .findFirst()
        .ifPresent(b -> b.obstacle(Device.CPU, cache));
  }

  private static Choice chosen(Choice choice) {
    if (choice.device().equals(Device.CPU) && !choice.passedOver().isEmpty()) {
      LOG.warn(
          "backend {} is used, since {}",
          choice.backend().id(),
          String.join("; ", choice.passedOver()));
    }
    return choice;
  }

  /** Why backends cannot run, and what they threw. */
  private static final class Obstacles {
    private final List<String> reasons;
    private final List<Throwable> causes = new ArrayList<>();

    Obstacles(List<String> reasons) {
      this.reasons = new ArrayList<>(reasons);
    }

    boolean found(Backend backend, Device device, Path cache) {
      String label = backend.id() + " on " + device + ": ";
      try {
        Optional<String> obstacle = backend.obstacle(device, cache);
        obstacle.ifPresent(reason -> reasons.add(label + reason));
        return obstacle.isPresent();
      } catch (BackendUnavailableException e) {
        reasons.add(label + e.getMessage());
        causes.add(e);
      } catch (LinkageError e) {
        reasons.add(label + "a class or library is missing: " + Natives.reason(e));
        causes.add(e);
      }
      return true;
    }

    void add(Obstacles others) {
      others.reasons.stream().filter(r -> !reasons.contains(r)).forEach(reasons::add);
      causes.addAll(others.causes);
    }

    @Nullable Throwable first() {
      return causes.isEmpty() ? null : causes.get(0);
    }
  }

  private String message(@Nullable String id, Device device, List<String> reasons) {
    List<String> ids = backends.stream().map(Backend::id).toList();
    if (id != null && !ids.contains(id)) {
      return String.format(
          Locale.ROOT,
          "backend \"%s\" is not installed; installed: %s%s",
          id,
          ids,
          broken.isEmpty() ? "" : "; " + String.join("; ", broken));
    }
    if (reasons.isEmpty()) {
      return "no backend is installed; add blip2-onnx or blip2-djl to the dependencies";
    }
    return String.format(
        Locale.ROOT, "no backend can run on %s: %s", device, String.join("; ", reasons));
  }
}
