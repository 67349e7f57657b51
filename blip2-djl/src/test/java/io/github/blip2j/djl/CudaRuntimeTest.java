package io.github.blip2j.djl;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.jna.Native;
import com.sun.jna.NativeLibrary;
import com.sun.jna.Platform;
import io.github.blip2j.host.Libraries;
import java.io.IOException;
import java.io.StringReader;
import java.net.MalformedURLException;
import java.net.URL;
import java.nio.file.Path;
import java.util.Map;
import java.util.Objects;
import java.util.Properties;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CudaRuntimeTest {
  /** A name that nothing else asks for: what JNA has once found it keeps. */
  private static final String LIBRARY = "blip2nothing";

  @TempDir Path root;

  /** Has every resource that is asked for. */
  private static final class Having extends ClassLoader {
    @Override
    public URL getResource(String name) {
      try {
        return new URL("file:/" + name);
      } catch (MalformedURLException e) {
        throw new AssertionError(e);
      }
    }
  }

  private static Properties jar(String text) throws IOException {
    Properties jar = new Properties();
    jar.load(new StringReader(text));
    return jar;
  }

  /** As pytorch-native-cu124 2.5.1 says of itself. */
  private static Properties cuda() throws IOException {
    return jar(
        "version=2.5.1-20241113\nflavor=cu124\nclassifier=linux-x86_64\n"
            + "libraries=libc10.so,libcublas-4cc45526.so.12,libcudart-8774224f.so.12,libtorch.so");
  }

  @Test
  void theJarsRuntimeGetsTheNameByWhichItIsLookedFor() throws IOException {
    Libraries runtime = CudaRuntime.in(cuda(), new Having());
    assertThat(runtime.folder()).isEqualTo("cudart/cu124-linux-x86_64");
    assertThat(runtime.files())
        .containsExactly(
            Map.entry(
                System.mapLibraryName("cudart"),
                new URL("file:/pytorch/cu124/linux-x86_64/libcudart-8774224f.so.12")));
  }

  @Test
  void aJarWithoutOneHasNone() throws IOException {
    String cpu = "version=2.7.1\nflavor=cpu\nclassifier=linux-x86_64\nlibraries=libc10.so";
    assertThat(CudaRuntime.in(jar(cpu), new Having()).files()).isEmpty();
    assertThat(CudaRuntime.in(new Properties(), new Having()).files()).isEmpty();
    assertThat(CudaRuntime.in(cuda(), new ClassLoader(null) {}).files()).isEmpty();
  }

  /** JNA's own library stands for it: one that is there, and that loads anywhere. */
  @Test
  void whatIsOfferedIsFoundByItsNameAlone() {
    String own =
        "/com/sun/jna/"
            + Platform.RESOURCE_PREFIX
            + "/"
            + System.mapLibraryName("jnidispatch").replace(".dylib", ".jnilib");
    URL url = Objects.requireNonNull(Native.class.getResource(own), own);
    Libraries library = new Libraries("cudart/test", Map.of(System.mapLibraryName(LIBRARY), url));
    CudaRuntime.offer(LIBRARY, root, library);
    try (NativeLibrary found = NativeLibrary.getInstance(LIBRARY)) {
      assertThat(found.getFile().toPath())
          .isEqualTo(root.resolve("cudart/test").resolve(System.mapLibraryName(LIBRARY)));
    }
  }
}
