package io.github.blip2j;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.blip2j.checkpoint.Checkpoint;
import io.github.blip2j.core.CheckpointException;
import io.github.blip2j.core.Decision;
import io.github.blip2j.core.Device;
import io.github.blip2j.core.LoadListener;
import io.github.blip2j.generation.InferenceListener;
import io.github.blip2j.image.ImageOptions;
import io.github.blip2j.internal.backend.BackendRegistry;
import io.github.blip2j.internal.backend.ExecutionPlan;
import io.github.blip2j.internal.engine.Engine;
import io.github.blip2j.spi.Backend;
import io.github.blip2j.spi.LoadRequest;
import io.github.blip2j.spi.LoadedModel;
import io.github.blip2j.testkit.ArrayBackend;
import io.github.blip2j.testkit.Fixtures;
import java.io.IOException;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.lang.reflect.Proxy;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Tokenizers are read while a backend opens the weights; what is wrong with either is said. */
class ReadingsTest {
  private static final List<String> THREADS =
      List.of("blip2 reads tokenizers", "blip2 identifies a checkpoint", "blip2 starts an engine");
  private static final Engine.Settings SETTINGS =
      new Engine.Settings(
          ImageOptions.defaults(), 0, 0, Engine.Concurrency.NONE, InferenceListener.NONE);

  @TempDir Path folder;
  private final List<String> told = new ArrayList<>();
  private final List<String> closed = new ArrayList<>();
  private final LoadListener listener = (stage, done, total) -> told.add(stage);

  /** The arrays, opened as a test wants it, whose closing is noted. */
  private final class Slow implements Backend {
    private final UnaryOperator<LoadRequest> before;
    private final Backend arrays = new ArrayBackend();

    Slow(UnaryOperator<LoadRequest> before) {
      this.before = before;
    }

    @Override
    public String id() {
      return "slow";
    }

    @Override
    public int priority() {
      return 0;
    }

    @Override
    public Optional<String> obstacle(Device device, Path cache) {
      return Optional.empty();
    }

    @Override
    public LoadedModel load(LoadRequest request) {
      LoadedModel model = arrays.load(before.apply(request));
      return (LoadedModel)
          Proxy.newProxyInstance(
              LoadedModel.class.getClassLoader(),
              new Class<?>[] {LoadedModel.class},
              (proxy, method, arguments) -> {
                if (method.getName().equals("close")) {
                  closed.add("model");
                }
                return method.invoke(model, arguments);
              });
    }
  }

  private Planned planned(Path directory, UnaryOperator<LoadRequest> before) {
    Checkpoint checkpoint = Checkpoint.open(directory);
    BackendRegistry.Choice choice =
        new BackendRegistry.Choice(new Slow(before), Device.CPU, List.of());
    ExecutionPlan plan =
        ExecutionPlan.of(
            new ExecutionPlan.Wishes(null, Device.CPU, 1, null, null, null, null), choice, null);
    Path cache = folder.resolve("cache");
    return new Planned(
        choice, plan, new LoadRequest(checkpoint, plan.execution(), cache, listener));
  }

  private Path damaged() throws IOException {
    Path copy = Fixtures.copy("tiny-opt", folder.resolve("damaged"));
    Files.writeString(copy.resolve("tokenizer.json"), "{\"version\": \"1.0\"}");
    return copy;
  }

  /** Goes on when the tokenizers have been read, or could not be. */
  private static LoadRequest afterReading(LoadRequest request) {
    join();
    return request;
  }

  private static void join() {
    for (Thread thread : Thread.getAllStackTraces().keySet()) {
      if (THREADS.contains(thread.getName())) {
        try {
          thread.join();
        } catch (InterruptedException e) {
          throw new IllegalStateException(e);
        }
      }
    }
  }

  /** Those that end are waited for; one that does not keeps the test from ending. */
  @AfterEach
  void noThreadIsLeft() {
    join();
    assertThat(Thread.getAllStackTraces().keySet())
        .extracting(Thread::getName)
        .doesNotContainAnyElementsOf(THREADS);
  }

  @Test
  void aModelHasWhatWasReadBesideIt() {
    Path directory = Fixtures.directory("tiny-opt");
    try (Blip2 blip2 = planned(directory, r -> r).load(SETTINGS, false)) {
      assertThat(blip2.tokenizer().encode("a photo of")).isNotEmpty();
      assertThat(blip2.checkpoint()).isEqualTo(Checkpoint.open(directory).identity());
    }
    assertThat(told).containsExactly("arrays");
    assertThat(closed).containsExactly("model");
  }

  /** Preparing weights can take minutes. */
  @Test
  void aDamagedTokenizerEndsTheLoadingAtItsNextProgress() throws IOException {
    Planned planned = planned(damaged(), ReadingsTest::afterReading);
    assertThatThrownBy(() -> planned.load(SETTINGS, false))
        .isInstanceOf(CheckpointException.class)
        .hasMessageContaining("damaged/tokenizer.json: expected a tokenizer, found: model: ");
    assertThat(told).isEmpty();
    assertThat(closed).isEmpty();
  }

  @Test
  void aModelThatWasOpenedBesideADamagedTokenizerIsClosed() throws IOException {
    Planned planned =
        planned(damaged(), r -> afterReading(r).with(LoadListener.NONE)); // never hears of it
    assertThatThrownBy(() -> planned.load(SETTINGS, false))
        .isInstanceOf(CheckpointException.class)
        .hasMessageContaining("tokenizer.json: expected a tokenizer, found: ")
        .hasNoSuppressedExceptions();
    assertThat(closed).containsExactly("model");
  }

  /** As if the tokenizer had been read first, whichever of two damages is found sooner. */
  @Test
  void aDamagedTokenizerIsNamedBeforeDamagedWeights() throws IOException {
    CheckpointException weights = new CheckpointException("weights");
    Planned planned =
        planned(
            damaged(),
            request -> {
              throw weights;
            });
    assertThatThrownBy(() -> planned.load(SETTINGS, false))
        .hasMessageContaining("tokenizer.json: expected a tokenizer, found: ")
        .hasSuppressedException(weights);
  }

  @Test
  void damagedWeightsAreNamedBesideATokenizerThatIsRight() {
    CheckpointException weights = new CheckpointException("weights");
    Planned planned =
        planned(
            Fixtures.directory("tiny-opt"),
            request -> {
              throw weights;
            });
    assertThatThrownBy(() -> planned.load(SETTINGS, false)).isSameAs(weights);
    assertThat(closed).isEmpty();
  }

  @Test
  void whatAListenerThrowsEndsTheLoading() {
    IllegalStateException stop = new IllegalStateException("stop");
    LoadListener stopping =
        (stage, done, total) -> {
          throw stop;
        };
    Planned planned = planned(Fixtures.directory("tiny-opt"), r -> r);
    Planned stopped =
        new Planned(planned.choice(), planned.plan(), planned.request().with(stopping));
    assertThatThrownBy(() -> stopped.load(SETTINGS, false)).isSameAs(stop);
    assertThat(closed).isEmpty();
  }

  /** A listener has methods that do nothing by themselves: none may be left out. */
  @Test
  void aWatchedListenerIsToldOfEverything() {
    List<Object> all = new ArrayList<>();
    LoadListener every =
        new LoadListener() {
          @Override
          public void progress(String stage, long done, long total) {
            all.addAll(List.of(stage, done, total));
          }

          @Override
          public void planned(List<Decision<?>> plan) {
            all.add(plan);
          }

          @Override
          public void downloading(String file, long done, long total) {
            all.addAll(List.of(file, done, total));
          }
        };
    Planned planned = planned(Fixtures.directory("tiny-opt"), r -> r);
    Readings readings = Readings.of(planned.request());
    LoadListener watched = readings.watched(every);
    watched.planned(List.of());
    watched.downloading("file", 1, 2);
    watched.progress("stage", 3, 4);
    readings.discard(new IllegalStateException("a test's end"));
    assertThat(all).containsExactly(List.of(), "file", 1L, 2L, "stage", 3L, 4L);
    List<String> methods =
        Arrays.stream(LoadListener.class.getMethods())
            .filter(m -> !Modifier.isStatic(m.getModifiers()))
            .map(Method::getName)
            .toList();
    assertThat(watched.getClass().getDeclaredMethods())
        .extracting(Method::getName)
        .containsAll(methods);
  }

  /** What is wrong with a checkpoint comes before what is wrong with an engine. */
  @Test
  void aCheckpointIsReadWhileAnEngineStarts() {
    CheckpointException wrong = new CheckpointException("no such checkpoint");
    assertThatThrownBy(
            () ->
                Planned.besideStart(
                    null,
                    folder,
                    () -> {
                      throw wrong;
                    }))
        .isSameAs(wrong);
    Checkpoint checkpoint = Checkpoint.open(Fixtures.directory("tiny-opt"));
    assertThat(Planned.besideStart("nobody's", folder, () -> checkpoint)).isSameAs(checkpoint);
  }
}
