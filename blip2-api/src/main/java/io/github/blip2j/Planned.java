package io.github.blip2j;

import io.github.blip2j.checkpoint.Bundle;
import io.github.blip2j.checkpoint.Checkpoint;
import io.github.blip2j.core.CheckpointException;
import io.github.blip2j.core.Device;
import io.github.blip2j.core.LoadListener;
import io.github.blip2j.files.PreparedWeight;
import io.github.blip2j.files.WeightFiles;
import io.github.blip2j.host.Host;
import io.github.blip2j.internal.backend.BackendRegistry;
import io.github.blip2j.internal.backend.ExecutionPlan;
import io.github.blip2j.internal.backend.Fitting;
import io.github.blip2j.internal.engine.Engine;
import io.github.blip2j.internal.engine.LayerSamples;
import io.github.blip2j.internal.text.Tokenizers;
import io.github.blip2j.spi.Backend;
import io.github.blip2j.spi.LoadRequest;
import io.github.blip2j.spi.LoadedModel;
import java.nio.file.Path;
import java.util.List;
import java.util.OptionalLong;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** What will be loaded or converted, by whom and how. */
record Planned(BackendRegistry.Choice choice, ExecutionPlan plan, LoadRequest request) {

  /** What was asked for. */
  record Asked(
      Checkpoint checkpoint, ExecutionPlan.Wishes wishes, Path cache, LoadListener listener) {}

  /**
   * Plans.
   *
   * @param available memory for what nobody chose; nothing if it is not to be looked at
   */
  static Planned of(Asked asked, OptionalLong available) {
    Checkpoint checkpoint = asked.checkpoint();
    ExecutionPlan.Wishes wishes = asked.wishes();
    BackendRegistry.Choice choice =
        BackendRegistry.installed()
            .choose(wishes.backend(), place(wishes.device(), checkpoint), asked.cache());
    ExecutionPlan usual = ExecutionPlan.of(wishes, choice, checkpoint.bundle());
    LoadRequest request =
        new LoadRequest(checkpoint, usual.execution(), asked.cache(), asked.listener());
    ExecutionPlan plan =
        Fitting.of(usual, wishes, new Fitting.Candidates(choice.backend(), request), available);
    return new Planned(choice, plan, request.with(plan.execution()));
  }

  /**
   * Reads a checkpoint while the engine that will most likely be chosen is started. What fails
   * there, choosing will say, of a checkpoint that could be read.
   *
   * @param id of the backend that was asked for, or null
   */
  static Checkpoint besideStart(@Nullable String id, Path cache, Supplier<Checkpoint> reader) {
    Beside<Boolean> start =
        Beside.of(
            "blip2 starts an engine",
            () -> {
              BackendRegistry.installed().start(id, cache);
              return true;
            });
    try {
      return reader.get();
    } finally {
      start.discard(started -> {});
    }
  }

  /** Forms of few bits have kernels on processors only. */
  private static Device place(Device device, Checkpoint checkpoint) {
    return isPrepared(checkpoint.bundle()) && device.type() == Device.Type.AUTO
        ? Device.CPU
        : device;
  }

  private static boolean isPrepared(@Nullable Bundle bundle) {
    return bundle != null && !bundle.forms().isEmpty();
  }

  Backend backend() {
    return choice.backend();
  }

  /** Tells the listener what was decided. */
  void tell() {
    request.listener().planned(plan.decisions(backend().plan(request)));
  }

  /**
   * Loads.
   *
   * @param settings of the engine over the model
   * @param memoryCheck whether a model that needs more private memory than there is gets refused
   */
  Blip2 load(Engine.Settings settings, boolean memoryCheck) {
    WeightFiles files = WeightFiles.of(request.checkpoint().weightFiles());
    tell();
    if (memoryCheck) {
      long needed = backend().privateBytes(request);
      ExecutionPlan.requireMemory(backend().id(), needed, Host.availableMemory());
    }
    return new Blip2(choice, request, open(backend(), request, files, settings));
  }

  /**
   * Opens a model, and reads its tokenizers and what identifies it meanwhile. To be called when all
   * is planned: for a plan a backend may measure its kernels.
   *
   * @param files of the checkpoint, which must not change meanwhile
   */
  static Engine open(
      Backend backend, LoadRequest request, WeightFiles files, Engine.Settings settings) {
    Readings readings = Readings.of(request);
    LoadedModel loaded = null;
    try {
      loaded = backend.load(request.with(readings.watched(request.listener())));
      files.requireSame();
      Engine.Parts parts =
          new Engine.Parts(
              request.checkpoint(),
              files.with(loaded.mappedFiles()),
              loaded,
              readings.tokenizers().get(),
              readings.origin().get());
      return new Engine(parts, settings);
    } catch (RuntimeException | Error e) {
      if (loaded != null) {
        loaded.close();
      }
      readings.discard(e);
      throw e;
    }
  }

  /**
   * What a conversion is told beside its plan.
   *
   * @param settings of the engine that calibrates
   */
  record Conversion(
      Bundle.Origin origin, @Nullable Calibration calibration, Engine.Settings settings) {}

  /** Writes a bundle instead of loading. */
  void convert(Conversion conversion, Path output) {
    Checkpoint checkpoint = request.checkpoint();
    if (isPrepared(checkpoint.bundle())) {
      throw new CheckpointException(
          checkpoint.directory()
              + ": expected an original checkpoint, found a "
              + checkpoint.bundle()
              + "; convert the checkpoint that it was made of");
    }
    WeightFiles files = WeightFiles.of(checkpoint.weightFiles());
    Tokenizers.load(checkpoint, request.cacheDirectory()).close(); // or refuses
    tell();
    Calibration calibration = conversion.calibration();
    if (calibration == null) {
      files.requireSame(); // what is written looks after itself
      write(about(conversion.origin(), null), backend().prepare(request), output);
      return;
    }
    Bundle.requireFree(output); // before minutes are spent
    Calibrating calibrating = new Calibrating(backend(), request, conversion.settings());
    try (LayerSamples samples = calibrating.samples(calibration)) {
      files.requireSame();
      Bundle.Calibrated calibrated =
          new Bundle.Calibrated(calibration.images().size(), calibration.texts());
      List<PreparedWeight> weights = backend().prepare(request, samples);
      write(about(conversion.origin(), calibrated), weights, output);
    }
  }

  private Bundle.About about(Bundle.Origin origin, Bundle.@Nullable Calibrated calibrated) {
    return new Bundle.About(origin, backend().id(), plan.execution().precisions(), calibrated);
  }

  private void write(Bundle.About about, List<PreparedWeight> weights, Path output) {
    new Bundle.Contents(request.checkpoint(), about, weights).write(output, request.listener());
  }
}
