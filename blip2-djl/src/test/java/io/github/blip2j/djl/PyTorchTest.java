package io.github.blip2j.djl;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.jna.Function;
import io.github.blip2j.Blip2;
import io.github.blip2j.core.BackendUnavailableException;
import io.github.blip2j.core.Device;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;

class PyTorchTest {
  /** What the C library says, which OpenMP asks: Java's view of the environment never changes. */
  private static String variable(String name) {
    return Function.getFunction("c", "getenv").invokeString(new Object[] {name}, false);
  }

  @Test
  void itsThreadsSleepWhileTheyWaitUnlessTheUserHasSaidHow() {
    PyTorch.engine(Blip2.defaultCacheDirectory());
    String expected = Objects.requireNonNullElse(System.getenv("OMP_WAIT_POLICY"), "PASSIVE");
    assertThat(variable("OMP_WAIT_POLICY")).isEqualTo(expected);
  }

  /** The tests' native library is a CPU's: nothing has to be started to know that. */
  @Test
  void withoutCudaLibrariesThereIsNoCudaDevice() {
    Device gpu = new Device(Device.Type.CUDA, 0);
    assertThat(PyTorch.noCuda()).hasValueSatisfying(r -> assertThat(r).contains("has no CUDA"));
    assertThat(new DjlBackend().obstacle(gpu, Blip2.defaultCacheDirectory()))
        .isEqualTo(PyTorch.noCuda());
  }

  /** DJL itself would speak of an index file that it cannot save. */
  @Test
  void withoutLibrariesItSaysWhichToAdd() {
    assertThatThrownBy(() -> PyTorch.requireLibraries(List.of(), false))
        .isInstanceOf(BackendUnavailableException.class)
        .hasMessageContaining("pytorch-native-cpu")
        .hasMessageContaining("PYTORCH_LIBRARY_PATH");
    PyTorch.requireLibraries(List.of(), true);
    PyTorch.requireLibraries(List.of("cpu"), false);
  }
}
