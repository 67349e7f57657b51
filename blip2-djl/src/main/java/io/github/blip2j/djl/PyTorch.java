package io.github.blip2j.djl;

import ai.djl.engine.Engine;
import ai.djl.engine.EngineException;
import ai.djl.engine.EngineProvider;
import ai.djl.pytorch.engine.PtEngineProvider;
import ai.djl.util.Platform;
import io.github.blip2j.core.BackendUnavailableException;
import io.github.blip2j.host.EngineStart;
import io.github.blip2j.host.Host;
import io.github.blip2j.host.Libraries;
import io.github.blip2j.host.Natives;
import java.io.IOException;
import java.io.InputStream;
import java.net.URL;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/** PyTorch, in DJL's packaging: the one place where it is started. */
final class PyTorch {
  static final String NAME = "PyTorch";

  private static final String RESOURCE = "native/lib/pytorch.properties";
  private static final String[] OVERRIDES = {
    "PYTORCH_LIBRARY_PATH", "PYTORCH_VERSION", "PYTORCH_FLAVOR"
  };
  private static final AtomicReference<@Nullable Engine> STARTED = new AtomicReference<>();

  private PyTorch() {}

  /**
   * Starts the engine if it has not been started.
   *
   * @param cache the cache folder, in which its libraries are unpacked
   * @throws BackendUnavailableException with folder and reason, if it cannot be started
   */
  static Engine engine(Path cache) {
    Engine started = STARTED.get();
    if (started != null) {
      return started;
    }
    EngineStart.keepSilent();
    ClassLoader loader = EngineStart.loaderOf(RESOURCE, PyTorch.class);
    List<Properties> jars = jars(loader);
    requireLibraries(flavors(jars), Natives.chosenByApplication(OVERRIDES));
    try {
      Engine engine =
          Natives.chosenByApplication(OVERRIDES)
              ? EngineStart.run(loader, Map.of(), PyTorch::start)
              : Natives.start(
                  NAME,
                  cache,
                  root -> libraries(root, jars, loader),
                  p -> EngineStart.run(loader, Natives.properties(p.root()), PyTorch::start));
      STARTED.set(engine);
      return engine;
    } catch (RuntimeException | LinkageError | AssertionError e) {
      throw Natives.unavailable(NAME, cache, e);
    }
  }

  /** DJL would download what is not there, and is not allowed to. */
  static void requireLibraries(List<String> flavors, boolean chosen) {
    if (flavors.isEmpty() && !chosen) {
      throw new BackendUnavailableException(
          "PyTorch: expected its libraries, found none: add the artifact"
              + " ai.djl.pytorch:pytorch-native-cpu of this platform, or name a folder in"
              + " PYTORCH_LIBRARY_PATH");
    }
  }

  /** DJL's list of engines is made once, perhaps in a thread that did not see this one. */
  private static Engine start() {
    WaitingThreads.sleep();
    if (!Engine.hasEngine(NAME)) {
      EngineProvider provider = new PtEngineProvider();
      Engine.registerEngine(provider);
    }
    try {
      return Engine.getEngine(NAME);
    } catch (EngineException e) {
      if (e.getCause() instanceof LinkageError cause) {
        throw cause; // another folder may do
      }
      throw e;
    }
  }

  /**
   * Why there can be no CUDA here, without starting the engine: PyTorch's libraries are built with
   * or without it.
   */
  static Optional<String> noCuda() {
    if (!Natives.chosenByApplication(OVERRIDES)) {
      List<String> flavors = flavors(jars(EngineStart.loaderOf(RESOURCE, PyTorch.class)));
      if (!flavors.isEmpty() && flavors.stream().allMatch(f -> f.startsWith("cpu"))) {
        return Optional.of(
            "this PyTorch has no CUDA; use the artifact pytorch-native-cu124, or name a libtorch of"
                + " your own in PYTORCH_LIBRARY_PATH (found: "
                + String.join(", ", flavors)
                + ")");
      }
    }
    return Host.noNvidiaDriver();
  }

  /** What each native jar is for, such as {@code cpu} or {@code cu124}. */
  private static List<String> flavors(List<Properties> jars) {
    return jars.stream().map(jar -> jar.getProperty("flavor", "unknown")).toList();
  }

  /** What each native jar on the path says of itself. */
  private static List<Properties> jars(@Nullable ClassLoader loader) {
    try {
      List<Properties> jars = new ArrayList<>();
      for (URL url :
          Collections.list(
              loader == null
                  ? ClassLoader.getSystemResources(RESOURCE)
                  : loader.getResources(RESOURCE))) {
        Properties properties = new Properties();
        try (InputStream in = url.openStream()) {
          properties.load(in);
        }
        jars.add(properties);
      }
      return jars;
    } catch (IOException e) {
      return List.of(new Properties()); // the engine will say
    }
  }

  /** Where DJL looks for them, by {@code ai.djl.pytorch.jni.LibUtils} of its version 0.35. */
  private static Libraries libraries(
      Path root, List<Properties> jars, @Nullable ClassLoader loader) {
    CudaRuntime.offer(root, jars, loader);
    Platform platform =
        EngineStart.run(loader, Natives.properties(root), () -> Platform.detectPlatform("pytorch"));
    String flavor = platform.getFlavor();
    String classifier = platform.getClassifier();
    String folder = "pytorch/" + platform.getVersion() + "-" + flavor + "-" + classifier;
    Map<String, String> resources = new LinkedHashMap<>();
    if (!platform.isPlaceholder()) {
      for (String name : platform.getLibraries()) {
        resources.put(name, "pytorch/" + flavor + "/" + classifier + "/" + name);
      }
      String jni = System.mapLibraryName("djl_torch");
      resources.put(
          platform.getApiVersion() + "-" + jni, "jnilib/" + classifier + "/" + flavor + "/" + jni);
    }
    return Libraries.found(folder, resources, loader);
  }
}
