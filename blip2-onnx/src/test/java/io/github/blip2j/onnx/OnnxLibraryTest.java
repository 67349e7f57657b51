package io.github.blip2j.onnx;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.MalformedURLException;
import java.net.URL;
import java.util.List;
import org.junit.jupiter.api.Test;

class OnnxLibraryTest {
  /** Has every library that is asked for, as the jar with CUDA has. */
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

  /** The runtime looks for both beside itself; without the shared one it finds neither. */
  @Test
  void aCudaDeviceHasTheSharedLibraryOfProvidersToo() {
    assertThat(OnnxLibrary.forCuda(new Having()).files().keySet())
        .containsAll(
            List.of(
                System.mapLibraryName("onnxruntime"),
                System.mapLibraryName("onnxruntime_providers_shared"),
                System.mapLibraryName("onnxruntime_providers_cuda")));
  }

  @Test
  void whatTheJarLacksIsLeftOut() {
    assertThat(OnnxLibrary.forCuda(new ClassLoader(null) {}).files()).isEmpty();
  }
}
