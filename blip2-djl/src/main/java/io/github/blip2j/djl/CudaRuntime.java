package io.github.blip2j.djl;

import com.sun.jna.NativeLibrary;
import io.github.blip2j.host.Host;
import io.github.blip2j.host.Libraries;
import io.github.blip2j.host.Natives;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import org.jspecify.annotations.Nullable;

/**
 * The CUDA runtime in PyTorch's own jar. DJL takes PyTorch's libraries for CUDA only where a
 * runtime of their version or a later one has counted a device, and it looks for that runtime
 * through JNA by its name alone. In the jar it has another name, with a check sum in it.
 */
final class CudaRuntime {
  /** DJL's name of it. */
  private static final String NAME = "cudart";

  private CudaRuntime() {}

  /**
   * Lets JNA find the jar's, ahead of the system's, where a driver may be there to be asked. To be
   * called before DJL is first asked for its platform: it looks once.
   *
   * @param root the folder of all native libraries
   * @param jars what each jar of PyTorch's libraries says of itself
   * @param loader of the jars; null for the system's
   */
  static void offer(Path root, List<Properties> jars, @Nullable ClassLoader loader) {
    if (Host.noNvidiaDriver().isEmpty()) {
      jars.stream()
          .map(jar -> in(jar, loader))
          .filter(runtime -> !runtime.files().isEmpty())
          .forEach(runtime -> offer(NAME, root, runtime));
    }
  }

  /** Unpacks a library, and lets JNA find it by a name. */
  static void offer(String name, Path root, Libraries library) {
    Natives.add(PyTorch.NAME, root, library);
    NativeLibrary.addSearchPath(name, root.resolve(library.folder()).toString());
  }

  /** The runtime of a jar under the name by which JNA finds it; nothing in a jar without CUDA. */
  static Libraries in(Properties jar, @Nullable ClassLoader loader) {
    String place = jar.getProperty("flavor") + "/" + jar.getProperty("classifier");
    Map<String, String> resources = new LinkedHashMap<>();
    for (String library : jar.getProperty("libraries", "").split(",", -1)) {
      if (library.startsWith("lib" + NAME)) {
        resources.put(System.mapLibraryName(NAME), "pytorch/" + place + "/" + library);
      }
    }
    return Libraries.found(NAME + "/" + place.replace('/', '-'), resources, loader);
  }
}
