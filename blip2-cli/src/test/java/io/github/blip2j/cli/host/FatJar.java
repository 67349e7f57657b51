package io.github.blip2j.cli.host;

import java.io.File;
import java.net.MalformedURLException;
import java.net.URI;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.concurrent.CompletableFuture;
import java.util.function.UnaryOperator;

/**
 * Starts work as an executable jar's launcher does: the system's class loader has this class alone,
 * the application lies in a class loader of its own, which is the main thread's context, and the
 * work is done in a thread of the common pool, whose context is the system's.
 */
public final class FatJar {
  private FatJar() {}

  /**
   * Runs it.
   *
   * @param arguments the application's class path, the name of an {@code UnaryOperator<String>} in
   *     it, and its argument
   */
  public static void main(String[] arguments) throws Exception {
    URL[] jars =
        Arrays.stream(arguments[0].split(File.pathSeparator)).map(FatJar::url).toArray(URL[]::new);
    try (URLClassLoader application =
        new URLClassLoader("application", jars, ClassLoader.getPlatformClassLoader())) {
      Thread.currentThread().setContextClassLoader(application);
      @SuppressWarnings("unchecked")
      UnaryOperator<String> work =
          (UnaryOperator<String>)
              application.loadClass(arguments[1]).getConstructor().newInstance();
      String said =
          CompletableFuture.supplyAsync(
                  () -> {
                    ClassLoader context = Thread.currentThread().getContextClassLoader();
                    return (context == application ? "not the common pool" : "")
                        + work.apply(arguments[2]);
                  })
              .join();
      System.out.println(said);
    }
  }

  private static URL url(String entry) {
    try {
      URI uri = Path.of(entry).toUri();
      return uri.toURL();
    } catch (MalformedURLException e) {
      throw new IllegalArgumentException(entry, e);
    }
  }
}
