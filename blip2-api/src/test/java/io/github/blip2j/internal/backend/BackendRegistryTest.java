package io.github.blip2j.internal.backend;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.blip2j.core.BackendUnavailableException;
import io.github.blip2j.core.Device;
import io.github.blip2j.spi.Backend;
import io.github.blip2j.spi.LoadRequest;
import io.github.blip2j.spi.LoadedModel;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.Optional;
import java.util.ServiceConfigurationError;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class BackendRegistryTest {
  private static final Device GPU = new Device(Device.Type.CUDA, 0);
  private static final Path CACHE = Path.of("none");

  /** Runs on the devices that are listed. */
  private record Fake(String id, int priority, Device... devices) implements Backend {
    @Override
    public Optional<String> obstacle(Device device, Path cache) {
      if (id.equals("linkless")) {
        throw new NoClassDefFoundError("engine/Library");
      }
      if (id.equals("broken")) {
        throw new BackendUnavailableException("no library", new IllegalStateException("first"));
      }
      return List.of(devices).contains(device)
          ? Optional.empty()
          : Optional.of("no " + device + " driver");
    }

    @Override
    public LoadedModel load(LoadRequest request) {
      throw new AssertionError("not asked to load");
    }
  }

  private static BackendRegistry of(Backend... backends) {
    return new BackendRegistry(List.of(backends).iterator());
  }

  private static void refused(
      BackendRegistry registry, @Nullable String id, Device device, String message) {
    assertThatThrownBy(() -> registry.choose(id, device, CACHE))
        .isInstanceOf(BackendUnavailableException.class)
        .hasMessage(message);
  }

  @Test
  void theHighestPriorityThatCanRunIsTaken() {
    Backend low = new Fake("low", 1, Device.CPU);
    Backend high = new Fake("high", 5, Device.CPU);
    Backend unable = new Fake("unable", 9);
    assertThat(of(low, high, unable).choose(null, Device.CPU, CACHE).backend()).isSameAs(high);
    assertThat(of(low, high).choose("low", Device.CPU, CACHE).backend()).isSameAs(low);
  }

  /** What is started ahead is what choosing would start first. */
  @Test
  void theFirstByPriorityIsStartedAheadOrTheOneThatIsNamed() {
    List<String> asked = new ArrayList<>();
    BackendRegistry registry = of(new Asked("low", 1, asked), new Asked("high", 5, asked));
    registry.start(null, CACHE);
    assertThat(asked).containsExactly("high on cpu");
    registry.start("low", CACHE);
    assertThat(asked).containsExactly("high on cpu", "low on cpu");
    registry.start("other", CACHE);
    of().start(null, CACHE);
    assertThat(asked).hasSize(2);
  }

  /** Notes what it is asked. */
  private record Asked(String id, int priority, List<String> asked) implements Backend {
    @Override
    public Optional<String> obstacle(Device device, Path cache) {
      assertThat(cache).isEqualTo(CACHE);
      asked.add(id + " on " + device);
      return Optional.empty();
    }

    @Override
    public LoadedModel load(LoadRequest request) {
      throw new AssertionError("not asked to load");
    }
  }

  @Test
  void autoPrefersAGpuOfAnyBackend() {
    Backend cpu = new Fake("cpu", 9, Device.CPU);
    Backend gpu = new Fake("gpu", 1, Device.CPU, GPU);
    assertThat(of(cpu, gpu).choose(null, Device.AUTO, CACHE))
        .isEqualTo(
            new BackendRegistry.Choice(gpu, GPU, List.of("cpu on cuda:0: no cuda:0 driver")));
    assertThat(of(cpu).choose(null, Device.AUTO, CACHE))
        .isEqualTo(new BackendRegistry.Choice(cpu, Device.CPU, List.of()));
  }

  @Test
  void whenNoneCanRunEachReasonIsGiven() {
    BackendRegistry registry = of(new Fake("a", 2), new Fake("b", 1, Device.CPU));
    refused(
        registry,
        null,
        GPU,
        "no backend can run on cuda:0: a on cuda:0: no cuda:0 driver; "
            + "b on cuda:0: no cuda:0 driver");
    refused(registry, "a", Device.CPU, "no backend can run on cpu: a on cpu: no cpu driver");
    refused(registry, "c", Device.CPU, "backend \"c\" is not installed; installed: [a, b]");
    refused(
        of(),
        null,
        Device.CPU,
        "no backend is installed; add blip2-onnx or blip2-djl to the dependencies");
    refused(
        of(new Fake("linkless", 1)),
        null,
        Device.CPU,
        "no backend can run on cpu: linkless on cpu: "
            + "a class or library is missing: engine/Library");
  }

  @Test
  void whatIsPassedOverIsSaid() {
    Backend good = new Fake("good", 1, Device.CPU);
    assertThat(of(new Fake("broken", 9), good).choose(null, Device.AUTO, CACHE).passedOver())
        .containsExactly("broken on cpu: no library");
    assertThat(of(good, new Fake("low", 0)).choose(null, Device.AUTO, CACHE).passedOver())
        .isEmpty();
  }

  @Test
  void theFirstCauseIsKept() {
    assertThatThrownBy(() -> of(new Fake("broken", 9)).choose(null, Device.AUTO, CACHE))
        .isInstanceOf(BackendUnavailableException.class)
        .hasMessageContaining("broken on cpu: no library")
        .hasRootCauseMessage("first");
  }

  @Test
  void twoBackendsOfOneNameAreRefused() {
    assertThatIllegalStateException()
        .isThrownBy(() -> of(new Fake("x", 1), new Fake("x", 2)))
        .withMessageContaining("backend id \"x\" must be unique");
  }

  @Test
  void aBrokenProviderDoesNotHideTheOthers() {
    Backend good = new Fake("good", 1, Device.CPU);
    Iterator<Backend> found =
        new Iterator<>() {
          private int at;

          @Override
          public boolean hasNext() {
            return at < 2;
          }

          @Override
          public Backend next() {
            at++;
            if (at == 1) {
              throw new ServiceConfigurationError("x.Y not found");
            }
            if (at == 2) {
              return good;
            }
            throw new NoSuchElementException();
          }
        };
    BackendRegistry registry = new BackendRegistry(found);
    assertThat(registry.choose(null, Device.CPU, CACHE).backend()).isSameAs(good);
    refused(
        registry,
        "bad",
        Device.CPU,
        "backend \"bad\" is not installed; installed: [good]; "
            + "a provider cannot be created: x.Y not found");
  }
}
