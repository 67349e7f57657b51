package io.github.blip2j.djl;

import ai.djl.ndarray.types.Shape;
import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.engine.PtNDManager;
import ai.djl.pytorch.jni.IValue;
import ai.djl.pytorch.jni.JniUtils;
import io.github.blip2j.core.CheckpointException;
import io.github.blip2j.family.ModelProgram;
import io.github.blip2j.files.WeightTensor;
import io.github.blip2j.spi.AdamW;
import io.github.blip2j.spi.LoadRequest;
import io.github.blip2j.spi.TrainingBatch;
import io.github.blip2j.spi.TrainingModel;
import io.github.blip2j.spi.TrainingRequest;
import io.github.blip2j.stage.HostTensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;

/** A loss as one TorchScript method, whose gradient PyTorch's autograd computes. */
final class DjlTraining implements TrainingModel {
  private static final String STAGE = "training";
  private static final int PIECE = 1 << 22; // numbers that a weight is filled with at once

  private final TrainingRequest request;
  private final ScriptModule module;
  private final PtNDManager tensors; // all weights, moments and counters
  private final Map<String, Trained> trained = new LinkedHashMap<>();
  private int steps;

  private DjlTraining(TrainingRequest request, ScriptModule module) {
    this.request = request;
    this.module = module;
    this.tensors = module.scope();
  }

  static DjlTraining open(TrainingRequest request) {
    return open(request, Integer.MAX_VALUE, PIECE);
  }

  /**
   * Opens.
   *
   * @param mapped most bytes of a weight that is mapped
   * @param piece numbers that another is filled with at once
   */
  static DjlTraining open(TrainingRequest request, int mapped, int piece) {
    requireTrainable(request.model());
    JniUtils.setNumThreads(request.model().execution().threads());
    TrainingWeights order = new TrainingWeights();
    byte[] archive = TrainingScript.compile(order, request);
    ScriptModule module = new ScriptModule(archive, request.model().execution().device());
    DjlTraining training = new DjlTraining(request, module);
    try {
      training.fill(order, mapped, piece);
      return training;
    } catch (RuntimeException | Error e) {
      training.close();
      throw e;
    }
  }

  private static void requireTrainable(LoadRequest model) {
    ModelProgram program = model.program();
    int width = program.language().config().hiddenSize(); // or says why there is none
    if (program.instruction() != null) {
      throw refused(
          model,
          "a Q-Former that reads images alone, as BLIP-2's does",
          "one that reads instructions");
    }
    if (program.qformer().outputs().get(1).axes().get(2).size() != width) {
      throw refused(
          model, "a language model behind a projection", "a Q-Former that writes captions itself");
    }
  }

  private static CheckpointException refused(LoadRequest model, String expected, String found) {
    return new CheckpointException(
        model.checkpoint().directory() + ": training: expected " + expected + ", found " + found);
  }

  private void fill(TrainingWeights order, int mapped, int piece) {
    Set<String> qformer =
        request.input() == TrainingRequest.Input.FEATURES
            ? Set.of()
            : request.model().program().qformerWeights().names();
    List<PtNDArray> weights = new ArrayList<>(); // in the order of the script's list
    long total = order.stored().values().stream().mapToLong(WeightTensor::bytes).sum();
    long done = 0;
    for (String name : order.inOrder()) {
      WeightTensor stored = order.stored().get(name);
      PtNDArray tensor;
      if (stored == null) {
        Parameter parameter = Objects.requireNonNull(order.added().get(name));
        tensor = (PtNDArray) tensors.zeros(shape(parameter.shape()));
        trained.put(name, Trained.of(parameter, tensor, tensors));
      } else if (qformer.contains(name)) {
        tensor = (PtNDArray) tensors.create(stored.floats(), shape(stored.shape()));
        trained.put(name, Trained.of(new Parameter(name, stored.shape()), tensor, tensors));
      } else {
        PtNDArray lying = ScriptModule.mapped(tensors, stored, mapped);
        tensor = lying == null ? frozen(stored, piece) : lying;
      }
      weights.add(tensor);
      done += stored == null ? 0 : stored.bytes();
      request.model().listener().progress("weights", done, total);
    }
    module.run(STAGE, "keep", IValue.listFrom(weights.toArray(PtNDArray[]::new))).close();
  }

  /** Piece by piece: as a whole DJL takes no more than 2 GiB. */
  private PtNDArray frozen(WeightTensor stored, int piece) {
    PtNDArray whole = ScriptModule.zeros(tensors, stored);
    long[] done = {0};
    stored.stream(
        piece,
        (floats, count) -> {
          try (PtNDManager scope = module.scope()) {
            float[] part = Arrays.copyOf(floats, count);
            IValue given = ScriptModule.floats(scope, part, count);
            module.run(STAGE, "fill", IValue.from(whole), IValue.from(done[0]), given).close();
          }
          done[0] += count;
        });
    return whole;
  }

  private static Shape shape(List<Long> sizes) {
    return new Shape(sizes);
  }

  /**
   * A parameter and what AdamW keeps of it.
   *
   * @param count of steps, as PyTorch has it
   */
  private record Trained(
      Parameter parameter, PtNDArray values, PtNDArray first, PtNDArray second, PtNDArray count) {
    static Trained of(Parameter parameter, PtNDArray values, PtNDManager tensors) {
      values.setRequiresGradient(true);
      return new Trained(
          parameter,
          values,
          (PtNDArray) tensors.zeros(values.getShape()),
          (PtNDArray) tensors.zeros(values.getShape()),
          (PtNDArray) tensors.zeros(new Shape()));
    }

    boolean decays() {
      return parameter.shape().size() > 1;
    }
  }

  @Override
  public List<Parameter> parameters() {
    return trained.values().stream().map(Trained::parameter).toList();
  }

  @Override
  public void requireFits(int[] prompt, int[] answer) {
    TrainingInputs.requireFits(request, prompt, answer);
  }

  @Override
  public double loss(TrainingBatch batch) {
    return run(batch, 1, false);
  }

  @Override
  public double accumulate(TrainingBatch batch, double share) {
    return run(batch, share, true) / share;
  }

  private double run(TrainingBatch batch, double share, boolean gradients) {
    List<HostTensor> inputs = TrainingInputs.of(request, batch);
    try (PtNDManager scope = module.scope()) {
      return module.loss(scope, inputs, (float) share, gradients);
    }
  }

  @Override
  public double gradientNorm() {
    try (PtNDManager scope = module.scope()) {
      IValue[] gradients = {IValue.listFrom(gradients(scope, trained.values().stream().toList()))};
      return ScriptModule.floats(scope, module.run(STAGE, "norm", gradients))[0];
    }
  }

  private static PtNDArray[] gradients(PtNDManager scope, List<Trained> of) {
    return of.stream()
        .map(
            t -> {
              PtNDArray gradient = JniUtils.getGradient(t.values());
              if (gradient == null) {
                throw new IllegalStateException(
                    "a step needs a gradient, found none since the last");
              }
              gradient.attach(scope);
              return gradient;
            })
        .toArray(PtNDArray[]::new);
  }

  @Override
  public void step(AdamW rule, double gradientScale) {
    Map<Boolean, List<Trained>> groups =
        trained.values().stream().collect(Collectors.partitioningBy(Trained::decays));
    groups.forEach((decays, group) -> step(rule, decays ? rule.decay() : 0, gradientScale, group));
    steps++;
  }

  private void step(AdamW rule, double decay, double scale, List<Trained> group) {
    if (group.isEmpty()) {
      return;
    }
    try (PtNDManager scope = module.scope()) {
      IValue[] arguments = {
        IValue.from(scale),
        IValue.from(rule.rate()),
        IValue.from(rule.beta1()),
        IValue.from(rule.beta2()),
        IValue.from(decay),
        IValue.from(rule.epsilon()),
        IValue.listFrom(group.stream().map(Trained::values).toArray(PtNDArray[]::new)),
        IValue.listFrom(gradients(scope, group)),
        IValue.listFrom(group.stream().map(Trained::first).toArray(PtNDArray[]::new)),
        IValue.listFrom(group.stream().map(Trained::second).toArray(PtNDArray[]::new)),
        IValue.listFrom(group.stream().map(Trained::count).toArray(PtNDArray[]::new))
      };
      module.run(STAGE, "adam", arguments).close();
    }
  }

  @Override
  public void discard() {
    try (PtNDManager scope = module.scope()) {
      List<PtNDArray> gradients = new ArrayList<>();
      for (Trained each : trained.values()) {
        PtNDArray gradient = JniUtils.getGradient(each.values());
        if (gradient != null) {
          gradient.attach(scope);
          gradients.add(gradient);
        }
      }
      IValue[] arguments = {IValue.listFrom(gradients.toArray(PtNDArray[]::new))};
      module.run(STAGE, "forget", arguments).close();
    }
  }

  @Override
  public int steps() {
    return steps;
  }

  private Trained named(String name) {
    Trained found = trained.get(name);
    if (found == null) {
      throw new IllegalArgumentException(
          "expected a parameter of " + trained.keySet() + ", found " + name);
    }
    return found;
  }

  @Override
  public State state(String name) {
    Trained found = named(name);
    return new State(host(found.values()), host(found.first()), host(found.second()));
  }

  /**
   * Reads within a scope: of an array on a GPU DJL makes another on the host, which whoever owns
   * the first keeps until it is closed.
   */
  private float[] host(PtNDArray array) {
    try (PtNDManager scope = module.scope()) {
      return ScriptModule.floats(scope, IValue.from(array));
    }
  }

  @Override
  public float[] gradient(String name) {
    try (PtNDManager scope = module.scope()) {
      return gradients(scope, List.of(named(name)))[0].toFloatArray();
    }
  }

  @Override
  public void restore(String name, State state) {
    Trained found = named(name);
    set(name, found.values(), state.values());
    set(name, found.first(), state.first());
    set(name, found.second(), state.second());
  }

  private void set(String name, PtNDArray target, float[] values) {
    long size = target.getShape().size();
    if (values.length != size) {
      throw new IllegalArgumentException(
          name + ": expected " + size + " numbers, found " + values.length);
    }
    try (PtNDManager scope = module.scope()) {
      IValue given = ScriptModule.floats(scope, values, target.getShape().getShape());
      module.run(STAGE, "set", IValue.from(target), given).close();
    }
  }

  @Override
  public void restoreSteps(int count) {
    steps = count;
    trained.forEach((name, t) -> set(name, t.count(), new float[] {count}));
  }

  @Override
  public void close() {
    tensors.close();
    module.close();
  }
}
