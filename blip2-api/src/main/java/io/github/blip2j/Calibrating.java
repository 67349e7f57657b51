package io.github.blip2j;

import io.github.blip2j.core.CheckpointException;
import io.github.blip2j.core.Precision;
import io.github.blip2j.core.Precisions;
import io.github.blip2j.core.WeightLayout;
import io.github.blip2j.family.LanguageProgram;
import io.github.blip2j.family.ModelProgram;
import io.github.blip2j.files.WeightFiles;
import io.github.blip2j.image.EncodedImage;
import io.github.blip2j.image.ImageSource;
import io.github.blip2j.internal.engine.Engine;
import io.github.blip2j.internal.engine.LayerListening;
import io.github.blip2j.internal.engine.LayerSamples;
import io.github.blip2j.spi.Backend;
import io.github.blip2j.spi.Execution;
import io.github.blip2j.spi.LoadRequest;
import io.github.blip2j.stage.LayerTaps;
import io.github.blip2j.stage.Stage;
import java.util.Locale;
import java.util.Set;

/**
 * Runs a model in float32 over a calibration's images and texts, and keeps a sample of what the
 * layers are given whose weights will have few bits.
 *
 * @param backend that runs and converts the model
 * @param request for the conversion
 * @param settings of the engine, for how images are read
 */
record Calibrating(Backend backend, LoadRequest request, Engine.Settings settings) {
  /**
   * What layers are given.
   *
   * @return samples; the caller closes them
   * @throws CheckpointException if the checkpoint writes no text, or nothing of its language model
   *     has few bits in these precisions
   */
  LayerSamples samples(Calibration calibration) {
    LayerTaps taps = taps();
    LayerSamples samples = new LayerSamples(taps, request.cacheDirectory());
    try (Engine engine = engine(taps)) {
      LayerListening listening = engine.listening();
      int done = 0;
      for (ImageSource image : calibration.images()) {
        EncodedImage encoded = engine.encode(image);
        samples.add(listening.hear(encoded, null), false);
        for (String prompt : calibration.prompts()) {
          samples.add(listening.hear(encoded, prompt), true);
        }
        request.listener().progress("calibrating", ++done, calibration.images().size());
      }
      return samples;
    } catch (RuntimeException | Error e) {
      samples.close();
      throw e;
    }
  }

  private LayerTaps taps() {
    LanguageProgram language = request.program().language(); // or says that there is none
    Set<String> layers = backend.calibrated(request);
    LayerTaps taps = LayerTaps.of(language.encoder(), language.decoder(), layers);
    if (taps.taps().isEmpty()) {
      throw new CheckpointException(
          String.format(
              Locale.ROOT,
              "%s: calibration: expected a language model of which backend %s stores weights in"
                  + " four bits in precision %s, found none; choose another precision, such as small,"
                  + " or convert it without calibration",
              request.checkpoint().directory(),
              backend.id(),
              request.execution().precisions().label()));
    }
    return taps;
  }

  private Engine engine(LayerTaps taps) {
    Execution asked = request.execution();
    Execution exact =
        new Execution(
            asked.device(), asked.threads(), WeightLayout.MAPPED, Precisions.of(Precision.FLOAT32));
    LoadRequest listened =
        new LoadRequest(
            request.checkpoint(), with(taps), exact, request.cacheDirectory(), request.listener());
    WeightFiles files = WeightFiles.of(request.checkpoint().weightFiles());
    return Planned.open(backend, listened, files, settings);
  }

  /** The program with one stage more, over the weights that the language model has prepared. */
  private ModelProgram with(LayerTaps taps) {
    ModelProgram program = request.program();
    LanguageProgram language = program.language();
    Stage like = language.encoder().isPresent() ? taps.stage() : language.decoder();
    return program.with(new ModelProgram.Occasional(taps.stage(), like));
  }
}
