package io.github.blip2j.djl;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.blip2j.core.BackendUnavailableException;
import io.github.blip2j.core.CheckpointException;
import io.github.blip2j.core.Device;
import io.github.blip2j.core.InferenceException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a failure while weights are loaded is said of. */
class DjlModelTest {
  private static final Device GPU = Device.cuda(1);

  @ParameterizedTest
  @ValueSource(
      strings = {
        "CUDA out of memory. Tried to allocate 64.00 MiB. GPU 1 has a total capacity of 8 GiB",
        "CUDA error: no kernel image is available for execution on the device",
        "CUDA error: CUBLAS_STATUS_NOT_INITIALIZED when calling `cublasCreate(handle)`"
      })
  void aDeviceThatFailsIsNoFaultOfTheCheckpoint(String said) {
    InferenceException e = new InferenceException("loading w: PyTorch failed: " + said);
    assertThat(DjlModel.refused(GPU, e))
        .isInstanceOf(BackendUnavailableException.class)
        .hasMessageStartingWith("loading w: PyTorch failed: " + said + "; cuda:1 has too little")
        .hasMessageEndingWith("use float16 if that was float32, or the CPU")
        .hasCause(e);
    assertThat(DjlModel.refused(Device.CPU, e)).isInstanceOf(CheckpointException.class);
  }

  @Test
  void anythingElseIsSaidOfTheCheckpoint() {
    InferenceException e = new InferenceException("loading w: PyTorch failed: 3 is not 4");
    assertThat(DjlModel.refused(GPU, e))
        .isInstanceOf(CheckpointException.class)
        .hasMessage("loading w: PyTorch failed: 3 is not 4");
  }
}
