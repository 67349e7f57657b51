package io.github.blip2j.onnx;

import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtLoggingLevel;
import io.github.blip2j.core.BackendUnavailableException;
import io.github.blip2j.host.EngineStart;
import io.github.blip2j.host.Host;
import io.github.blip2j.host.Libraries;
import io.github.blip2j.host.Natives;
import java.io.IOException;
import java.lang.reflect.Field;
import java.lang.reflect.Method;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * ONNX Runtime's native library: the one place where it is loaded. Left alone it unpacks itself at
 * each start into the shared temporary directory, and tries once in a process.
 */
final class OnnxLibrary {
  private static final String LABEL = "ONNX Runtime";
  private static final String PATH = "onnxruntime.native.path";
  private static final String RESOURCES = "ai/onnxruntime/native/";
  private static final String MAIN = System.mapLibraryName("onnxruntime");
  private static final String JNI = System.mapLibraryName("onnxruntime4j_jni");
  private static final String SHARED = System.mapLibraryName("onnxruntime_providers_shared");
  private static final String CUDA = System.mapLibraryName("onnxruntime_providers_cuda");
  private static final OrtLoggingLevel LOGS = OrtLoggingLevel.ORT_LOGGING_LEVEL_ERROR;

  /** Where it was loaded from; null while it has not been. */
  private static final AtomicReference<@Nullable Path> ROOT = new AtomicReference<>();

  private OnnxLibrary() {}

  /** The process' one environment, which logs errors only; started if it has not been. */
  static OrtEnvironment environment() {
    return ROOT.get() == null ? start(Host.cacheDirectory()) : OrtEnvironment.getEnvironment();
  }

  /**
   * Starts the runtime if it has not been started.
   *
   * @param cache the cache folder, in which its libraries are unpacked
   * @throws BackendUnavailableException with folder and reason, if it cannot be started
   */
  static synchronized OrtEnvironment start(Path cache) {
    if (ROOT.get() != null) {
      return OrtEnvironment.getEnvironment();
    }
    try {
      Files.delete(Files.createTempDirectory("blip2-")); // the runtime needs one, and tries once
      Path root;
      if (isChosenByApplication() || isLoaded()) {
        root = EngineStart.run(loader(), Map.of(), () -> started(cache));
      } else {
        root =
            Natives.start(LABEL, cache, r -> libraries(loader(), MAIN, JNI), OnnxLibrary::startIn);
        Host.sweepTemporaryFolders("onnxruntime-java");
      }
      hold();
      ROOT.set(root);
      return OrtEnvironment.getEnvironment();
    } catch (IOException | RuntimeException | LinkageError e) {
      throw Natives.unavailable(LABEL, cache, e);
    }
  }

  private static Path startIn(Natives.Place place) {
    Natives.preload(
        OrtEnvironment.class, Stream.of(MAIN, JNI).map(place.folder()::resolve).toList());
    return EngineStart.run(
        loader(), Map.of(PATH, place.folder().toString()), () -> started(place.root()));
  }

  private static Path started(Path root) {
    OrtEnvironment.getEnvironment(LOGS, "blip2");
    return root;
  }

  /**
   * Brings the libraries for CUDA devices beside the others, where the runtime looks for them: the
   * one that binds to CUDA, and the one through which it reaches the runtime.
   */
  static void addCuda() {
    if (!isChosenByApplication()) {
      Natives.add(LABEL, Objects.requireNonNull(ROOT.get()), forCuda(loader()));
    }
  }

  /** All that a CUDA device needs; what a loader's jars lack is left out. */
  static Libraries forCuda(@Nullable ClassLoader loader) {
    return libraries(loader, MAIN, JNI, SHARED, CUDA);
  }

  private static @Nullable ClassLoader loader() {
    return OrtEnvironment.class.getClassLoader();
  }

  private static boolean isChosenByApplication() {
    return Stream.of(
            PATH,
            "onnxruntime.native.onnxruntime.path",
            "onnxruntime.native.onnxruntime.skip",
            "onnxruntime.native.onnxruntime4j_jni.path",
            "onnxruntime.native.onnxruntime4j_jni.skip")
        .anyMatch(name -> Host.setting(name) != null);
  }

  /** Whether the application has used the runtime itself before. */
  private static boolean isLoaded() {
    try {
      Field loaded = Class.forName("ai.onnxruntime.OnnxRuntime").getDeclaredField("loaded");
      loaded.setAccessible(true);
      return loaded.getBoolean(null);
    } catch (ReflectiveOperationException | RuntimeException e) {
      return false; // it has changed inside
    }
  }

  /** Where they lie in the runtime's jar, by {@code OnnxRuntime.initOsArch} of version 1.28. */
  private static Libraries libraries(@Nullable ClassLoader loader, String... names) {
    String[] platform = Host.platform().toLowerCase(Locale.ROOT).split("/", 2);
    String system =
        platform[0].contains("mac") ? "osx" : platform[0].contains("win") ? "win" : "linux";
    String processor = List.of("amd64", "x86_64").contains(platform[1]) ? "x64" : platform[1];
    String folder = system + "-" + processor;
    Map<String, String> resources = new LinkedHashMap<>();
    for (String name : names) {
      resources.put(
          name.replace("jnilib", "dylib"),
          RESOURCES + folder + "/" + name.replace("jnilib", "dylib"));
    }
    String version =
        OrtEnvironment.class.getPackage().getImplementationVersion(); // null on a module path
    return Libraries.found(
        "onnxruntime/" + (version == null ? "" : version + "-") + folder, resources, loader);
  }

  /**
   * Takes a second reference to the native environment, which nobody gives back. The Java class
   * gives its own back in a shutdown hook, under whatever still runs: a process that is ended by a
   * signal would crash there. The class has no call for it; where it has changed inside, all is as
   * it would be without.
   */
  private static void hold() {
    try {
      Class<?> runtime = Class.forName("ai.onnxruntime.OnnxRuntime");
      Field api = runtime.getDeclaredField("ortApiHandle");
      api.setAccessible(true);
      Method create =
          OrtEnvironment.class.getDeclaredMethod(
              "createHandle", long.class, int.class, String.class);
      create.setAccessible(true);
      create.invoke(null, api.getLong(null), LOGS.getValue(), "blip2");
    } catch (ReflectiveOperationException | RuntimeException e) {
      // Only the crash at the end is not prevented.
    }
  }
}
