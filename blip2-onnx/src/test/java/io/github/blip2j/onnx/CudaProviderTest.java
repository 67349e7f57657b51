package io.github.blip2j.onnx;

import static org.assertj.core.api.Assertions.assertThat;

import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtException.OrtErrorCode;
import io.github.blip2j.Blip2;
import io.github.blip2j.core.BackendUnavailableException;
import io.github.blip2j.core.CheckpointException;
import io.github.blip2j.core.Device;
import io.github.blip2j.core.InferenceException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What can be known without a CUDA device: what is asked, and what the provider's errors mean. */
class CudaProviderTest {
  private static final Device GPU = Device.cuda(1);

  /** As ONNX Runtime says it. */
  private static final String FULL =
      "/bfc_arena.cc:387 BFCArena::AllocateRawInternal Failed to allocate memory for requested"
          + " buffer of size 1048576";

  private static final String SHAPE = "Node (x) Op (Add) [ShapeInferenceError] 2 vs 3";

  private static OrtException error(OrtErrorCode code, String said) {
    return new OrtException(code, said);
  }

  /** The tests' native library is a CPU's: the artifact is what is missing, not a device. */
  @Test
  void withoutTheProviderTheArtifactIsNamed() {
    assertThat(new OnnxBackend().obstacle(GPU, Blip2.defaultCacheDirectory()))
        .hasValue("this ONNX Runtime has no CUDA; use the artifact onnxruntime_gpu");
  }

  /** What the provider refuses is a reason, not an exception: another device may do. */
  @Test
  void whatTheProviderRefusesIsSaidOfTheDevice() {
    OnnxLibrary.start(Blip2.defaultCacheDirectory());
    assertThat(CudaProvider.obstacle(GPU))
        .hasValueSatisfying(
            why ->
                assertThat(why)
                    .startsWith("cuda:1 cannot be used: ")
                    .contains("CUDA_VISIBLE_DEVICES", "CUDA 12.8", "cuDNN 9"));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          RUNTIME_EXCEPTION | CUDA failure 2: out of memory; GPU=1; expr=cudaMalloc | free memory
          FAIL | BFCArena Available memory of 12 is smaller than requested bytes of 9 | free memory
          RUNTIME_EXCEPTION | CUBLAS failure 3: CUBLAS_STATUS_ALLOC_FAILED; GPU=1 | cuda:1 failed
          FAIL              | Invalid device ID: 1, must be between 0 and 1       | cuda:1 failed
          EP_FAIL           | Failed to find CUDA shared provider                 | cuda:1 failed
          DEVICE_RESET      | gone                                                | cuda:1 failed
          """)
  void aDeviceThatFailsIsNoFaultOfTheCheckpoint(String code, String said, String advice) {
    OrtException error = error(OrtErrorCode.valueOf("ORT_" + code), said);
    assertThat(OnnxStage.refused("vision", GPU, error))
        .isInstanceOf(BackendUnavailableException.class)
        .hasMessageStartingWith("vision: ONNX Runtime refuses it: ")
        .hasMessageContaining(said)
        .hasMessageContaining(advice)
        .hasCause(error);
  }

  @Test
  void whatIsWrongWithTheGraphIsSaidOfTheCheckpoint() {
    OrtException error = error(OrtErrorCode.ORT_FAIL, SHAPE);
    for (Device device : new Device[] {GPU, Device.CPU}) {
      assertThat(OnnxStage.refused("vision", device, error))
          .isInstanceOf(CheckpointException.class)
          .hasMessage("vision: ONNX Runtime refuses it: " + error.getMessage());
    }
    assertThat(OnnxStage.refused("vision", Device.CPU, error(OrtErrorCode.ORT_FAIL, FULL)))
        .isInstanceOf(CheckpointException.class);
  }

  /** A run that fails says what to do only where the device's memory is what is wanting. */
  @Test
  void aRunThatHasNoRoomSaysWhatToDo() {
    InferenceException full =
        OnnxStage.failed("language", GPU, error(OrtErrorCode.ORT_RUNTIME_EXCEPTION, FULL));
    assertThat(full)
        .hasMessageStartingWith("language: ONNX Runtime failed: ")
        .hasMessageContaining(FULL)
        .hasMessageContaining("; cuda:1 has too little free memory")
        .hasMessageEndingWith("fewer images or texts at a time, or the CPU");
    OrtException shape = error(OrtErrorCode.ORT_FAIL, SHAPE);
    assertThat(OnnxStage.failed("language", GPU, shape))
        .hasMessage("language: ONNX Runtime failed: " + shape.getMessage());
  }
}
