package io.github.blip2j.testkit;

import io.github.blip2j.core.Device;
import io.github.blip2j.core.Precision;
import io.github.blip2j.family.ModelProgram;
import io.github.blip2j.session.SessionCount;
import io.github.blip2j.spi.Backend;
import io.github.blip2j.spi.LanguageModel;
import io.github.blip2j.spi.LoadRequest;
import io.github.blip2j.spi.LoadedModel;
import io.github.blip2j.stage.HostTensor;
import io.github.blip2j.stage.Stage;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;

/** The oracle as a backend, so that everything above the SPI is tested without an engine. */
public final class ArrayBackend implements Backend {
  private final boolean loop;

  /** One whose sessions take one step a call. */
  public ArrayBackend() {
    this(false);
  }

  private ArrayBackend(boolean loop) {
    this.loop = loop;
  }

  /** One whose sessions take several steps in one call. */
  static ArrayBackend withLoop() {
    return new ArrayBackend(true);
  }

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
    boolean draft = request.execution().draft().isPresent();
    return new Model(request.program(), new Abilities(draft, loop));
  }

  /** What sessions can do beyond one step a call. */
  record Abilities(boolean draft, boolean loop) {}

  private static final class Model implements LoadedModel {
    private final ModelProgram program;
    private final Abilities abilities;
    private final ArrayWeights weights = new ArrayWeights();
    private final SessionCount sessions = new SessionCount();

    Model(ModelProgram program, Abilities abilities) {
      this.program = program;
      this.abilities = abilities;
    }

    @Override
    public ModelProgram program() {
      return program;
    }

    @Override
    public float[][] run(String name, Map<String, HostTensor> inputs) {
      return apply(program.stage(name), new ArrayOps(weights), inputs).stream()
          .map(ArrayValue::floats)
          .toArray(float[][]::new);
    }

    @Override
    public LanguageModel language() {
      return new ArrayLanguage(program.language(), weights, sessions, abilities);
    }

    @Override
    public void close() {
      sessions.close();
    }
  }

  /** Runs a stage. */
  static List<ArrayValue> apply(Stage stage, ArrayOps ops, Map<String, HostTensor> inputs) {
    Map<String, ArrayValue> values = new HashMap<>();
    for (Stage.Input input : stage.inputs()) {
      HostTensor given = Objects.requireNonNull(inputs.get(input.name()), input.name());
      values.put(input.name(), ArrayValue.of(given));
    }
    return stage.apply(ops, values);
  }
}
