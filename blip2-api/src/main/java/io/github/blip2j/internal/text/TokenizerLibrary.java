package io.github.blip2j.internal.text;

import ai.djl.huggingface.tokenizers.HuggingFaceTokenizer;
import ai.djl.huggingface.tokenizers.jni.LibUtils;
import ai.djl.util.Platform;
import io.github.blip2j.core.BackendUnavailableException;
import io.github.blip2j.host.EngineStart;
import io.github.blip2j.host.Libraries;
import io.github.blip2j.host.Natives;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * The Hugging Face library, in DJL's packaging: the one place where it is loaded. DJL tries once in
 * a process; so all that can go wrong is tried here before, and a later call can do better.
 */
final class TokenizerLibrary {
  private static final String LABEL = "Hugging Face tokenizers";
  private static final String ENGINE = "tokenizers";
  private static final String RESOURCES = "native/lib/";
  private static final AtomicBoolean LOADED = new AtomicBoolean();

  private TokenizerLibrary() {}

  /**
   * Loads the library if it has not been.
   *
   * @param cache the cache folder, in which it is unpacked
   * @throws BackendUnavailableException with folder and reason, if it cannot be loaded
   */
  static void load(Path cache) {
    EngineStart.keepSilent();
    if (LOADED.get()) {
      return;
    }
    try {
      ClassLoader loader =
          EngineStart.loaderOf(RESOURCES + ENGINE + ".properties", HuggingFaceTokenizer.class);
      if (Natives.chosenByApplication("RUST_LIBRARY_PATH", "RUST_FLAVOR")) {
        EngineStart.run(loader, Map.of(), TokenizerLibrary::started);
      } else {
        Natives.start(LABEL, cache, root -> libraries(root, loader), p -> start(loader, p));
      }
      LOADED.set(true);
    } catch (RuntimeException | LinkageError | AssertionError e) {
      throw Natives.unavailable(LABEL, cache, e);
    }
  }

  private static boolean start(@Nullable ClassLoader loader, Natives.Place place) {
    Natives.preload(
        HuggingFaceTokenizer.class,
        names().stream().map(place.folder()::resolve).filter(f -> f.toFile().exists()).toList());
    return EngineStart.run(loader, Natives.properties(place.root()), TokenizerLibrary::started);
  }

  private static boolean started() {
    LibUtils.checkStatus();
    return true;
  }

  /**
   * Where DJL looks for them, by {@code LibUtils.copyJniLibrary} of its version 0.35. Asking for
   * the platform fails, where it must, before the class that would keep the failure.
   */
  private static Libraries libraries(Path root, @Nullable ClassLoader loader) {
    Platform platform =
        EngineStart.run(loader, Natives.properties(root), () -> Platform.detectPlatform(ENGINE));
    String classifier = platform.getClassifier();
    String cuda = platform.getCudaArch() == null ? "" : platform.getCudaArch();
    String folder = ENGINE + "/" + platform.getVersion() + "-cpu-" + classifier;
    Map<String, String> resources = new LinkedHashMap<>();
    for (String name : names()) {
      resources.put(name, RESOURCES + classifier + "/cpu/" + name);
    }
    return Libraries.found(cuda.isEmpty() ? folder : folder + "/" + cuda, resources, loader);
  }

  /** In the order in which they are loaded; the first three are Windows'. */
  private static List<String> names() {
    return List.of(
        "libwinpthread-1.dll",
        "libgcc_s_seh-1.dll",
        "libstdc++-6.dll",
        System.mapLibraryName(ENGINE));
  }
}
