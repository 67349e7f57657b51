package io.github.blip2j.internal.backend;

import io.github.blip2j.BackendUnavailableException;
import io.github.blip2j.Device;
import io.github.blip2j.spi.Backend;
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

/**
 * The installed backends and the choice among them: the one that is named, else the one of highest
 * priority that can run; with device {@code auto}, one that can use a graphics card comes before
 * any that cannot.
 */
public final class BackendRegistry {
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
        broken.add("a provider cannot be created: " + e.getMessage());
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

  /** A backend and the device that it can use. */
  public record Choice(Backend backend, Device device) {}

  /**
   * Chooses.
   *
   * @param id the backend to use, or null for the best that can run
   * @param device where to run
   * @throws BackendUnavailableException if none can; the message has each one's reason
   */
  public Choice choose(@Nullable String id, Device device) {
    List<Backend> candidates =
        backends.stream().filter(b -> id == null || b.id().equals(id)).toList();
    List<Device> devices =
        device.type() == Device.Type.AUTO
            ? List.of(new Device(Device.Type.CUDA, 0), Device.CPU)
            : List.of(device);
    List<String> reasons = new ArrayList<>(broken);
    for (Device d : devices) {
      for (Backend backend : candidates) {
        Optional<String> obstacle = obstacle(backend, d);
        if (obstacle.isEmpty()) {
          return new Choice(backend, d);
        }
        reasons.add(String.format(Locale.ROOT, "%s on %s: %s", backend.id(), d, obstacle.get()));
      }
    }
    throw new BackendUnavailableException(message(id, device, reasons));
  }

  private static Optional<String> obstacle(Backend backend, Device device) {
    try {
      return backend.obstacle(device);
    } catch (LinkageError e) {
      return Optional.of("a class or library is missing: " + e.getMessage());
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
