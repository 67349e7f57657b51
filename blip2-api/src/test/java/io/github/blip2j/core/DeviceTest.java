package io.github.blip2j.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import org.junit.jupiter.api.Test;

class DeviceTest {
  @Test
  void namesAreRead() {
    assertThat(Device.parse("cpu")).isEqualTo(Device.CPU).hasToString("cpu");
    assertThat(Device.parse("auto")).isEqualTo(Device.AUTO).hasToString("auto");
    assertThat(Device.parse("cuda")).isEqualTo(new Device(Device.Type.CUDA, 0));
    assertThat(Device.parse("cuda:3"))
        .isEqualTo(new Device(Device.Type.CUDA, 3))
        .hasToString("cuda:3");
  }

  @Test
  void otherNamesAreRefused() {
    for (String name : new String[] {"", "gpu", "cuda:", "cuda:-1", "cuda:9999", "CPU"}) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> Device.parse(name))
          .withMessage("device (" + name + ") must be cpu, cuda, cuda:N or auto");
    }
    assertThatIllegalArgumentException().isThrownBy(() -> new Device(Device.Type.CPU, 1));
  }
}
