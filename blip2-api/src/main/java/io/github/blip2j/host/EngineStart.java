package io.github.blip2j.host;

import io.github.blip2j.internal.hub.Locations;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Starts engines one at a time. DJL finds its files through the thread's context class loader,
 * which in a thread of a common pool knows no application, and DJL and ONNX Runtime read system
 * properties: both are set while an engine starts, and put back.
 *
 * <p>Two properties stay, unless the application has said otherwise before: {@code ai.djl.offline},
 * without which DJL calls a cloud's metadata service each time a tokenizer is made, and {@code
 * OPT_OUT_TRACKING}, its telemetry's own switch.
 */
public final class EngineStart {
  private static final Map<String, String> SILENT =
      Map.of("ai.djl.offline", "DJL_OFFLINE", "OPT_OUT_TRACKING", "OPT_OUT_TRACKING");

  private EngineStart() {}

  /**
   * Runs a start.
   *
   * @param loader the context class loader meanwhile; null for the system's
   * @param properties set meanwhile
   * @param start what to run; its exceptions are passed on
   * @param <T> what it gives
   * @return what {@code start} gives
   */
  public static <T> T run(
      @Nullable ClassLoader loader, Map<String, String> properties, Supplier<T> start) {
    synchronized (EngineStart.class) {
      keepSilent();
      Thread thread = Thread.currentThread();
      ClassLoader before = thread.getContextClassLoader();
      Map<String, @Nullable String> old = new HashMap<>();
      try {
        thread.setContextClassLoader(loader == null ? ClassLoader.getSystemClassLoader() : loader);
        properties.forEach((name, value) -> old.put(name, System.setProperty(name, value)));
        return start.get();
      } finally {
        old.forEach(EngineStart::putBack);
        thread.setContextClassLoader(before);
      }
    }
  }

  /** Switches off what DJL would send or ask for, before any of its classes is loaded. */
  public static void keepSilent() {
    SILENT.forEach(
        (property, variable) -> {
          if (Locations.setting(property) == null && Locations.setting(variable) == null) {
            System.setProperty(property, "true");
          }
        });
  }

  /**
   * The class loader that finds a library's resource: the library's own, else this thread's, else
   * the system's; its own if none does.
   *
   * @param resource its name, as {@link ClassLoader#getResource} takes it
   * @param library a class of the library
   * @return null for the system's
   */
  public static @Nullable ClassLoader loaderOf(String resource, Class<?> library) {
    ClassLoader own = library.getClassLoader();
    return Arrays.asList(
            own, Thread.currentThread().getContextClassLoader(), ClassLoader.getSystemClassLoader())
        .stream()
        .filter(Objects::nonNull)
        .filter(l -> l.getResource(resource) != null)
        .findFirst()
        .orElse(own);
  }

  private static void putBack(String name, @Nullable String value) {
    if (value == null) {
      System.clearProperty(name);
    } else {
      System.setProperty(name, value);
    }
  }
}
