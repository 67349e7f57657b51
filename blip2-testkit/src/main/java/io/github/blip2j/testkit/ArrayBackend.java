package io.github.blip2j.testkit;

import io.github.blip2j.checkpoint.Checkpoint;
import io.github.blip2j.checkpoint.ModelConfig;
import io.github.blip2j.checkpoint.RetrievalConfig;
import io.github.blip2j.checkpoint.TextConfig;
import io.github.blip2j.core.Device;
import io.github.blip2j.core.Precision;
import io.github.blip2j.internal.nn.QFormerNetwork;
import io.github.blip2j.internal.nn.RetrievalNetwork;
import io.github.blip2j.internal.nn.VisionTransformer;
import io.github.blip2j.internal.session.Inputs;
import io.github.blip2j.internal.session.SessionCount;
import io.github.blip2j.spi.Backend;
import io.github.blip2j.spi.LanguageModel;
import io.github.blip2j.spi.LoadRequest;
import io.github.blip2j.spi.LoadedModel;
import io.github.blip2j.spi.QFormer;
import io.github.blip2j.spi.Retrieval;
import io.github.blip2j.spi.VisionEncoder;
import java.nio.file.Path;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The oracle as a backend, so that everything above the SPI is tested without an engine. */
public final class ArrayBackend implements Backend {
  @Override
  public String id() {
    return "arrays";
  }

  @Override
  public int priority() {
    return 0;
  }

  @Override
  public Optional<String> obstacle(Device device, Path cache) {
    return device.type() == Device.Type.CPU ? Optional.empty() : Optional.of("arrays are on cpu");
  }

  @Override
  public Set<Precision> drafts(Device device) {
    return Set.of(Precision.INT4);
  }

  @Override
  public LoadedModel load(LoadRequest request) {
    request.listener().progress("arrays", 1, 1);
    return new Model(request.checkpoint(), request.execution().draft().isPresent());
  }

  private static final class Model implements LoadedModel {
    private final ModelConfig config;
    private final boolean drafts;
    private final VisionTransformer vision;
    private final QFormerNetwork qformer;
    private final @Nullable ArrayLanguage language;
    private final @Nullable RetrievalNetwork matcher;
    private final ArrayOps ops = new ArrayOps();
    private final SessionCount sessions = new SessionCount();

    Model(Checkpoint checkpoint, boolean drafts) {
      this.drafts = drafts;
      config = checkpoint.config();
      vision = VisionTransformer.of(config.vision(), checkpoint.weights());
      qformer = QFormerNetwork.of(config, checkpoint.weights());
      boolean writes = config.head() instanceof TextConfig;
      language = writes ? ArrayLanguage.of(config.text(), checkpoint.weights()) : null;
      matcher = writes ? null : RetrievalNetwork.of(config, qformer, checkpoint.weights());
    }

    @Override
    public VisionEncoder vision() {
      return (pixels, batch) -> {
        Inputs.pixels(config, pixels, batch);
        int side = config.vision().imageSize();
        return vision.forward(ops, ArrayValue.of(pixels, batch, 3 * side, side)).floats();
      };
    }

    @Override
    public QFormer qformer() {
      return (patches, batch) -> {
        Inputs.patches(config, patches, batch);
        int width = config.vision().hiddenSize();
        ArrayValue x = ArrayValue.of(patches, batch, config.vision().patches(), width);
        ArrayValue queries = qformer.forward(ops, x);
        return new QFormer.Output(queries.floats(), qformer.project(ops, queries).floats());
      };
    }

    @Override
    public LanguageModel language() {
      TextConfig text = config.text();
      ArrayLanguage network = Objects.requireNonNull(language);
      return (rows, capacity) -> ArraySession.open(text, network, sessions, drafts, rows, capacity);
    }

    @Override
    public Retrieval retrieval() {
      RetrievalConfig c = config.retrieval();
      return new ArrayRetrieval(config, c, Objects.requireNonNull(matcher));
    }

    @Override
    public void close() {
      sessions.close();
    }
  }
}
