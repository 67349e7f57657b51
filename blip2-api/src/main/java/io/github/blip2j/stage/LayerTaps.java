package io.github.blip2j.stage;

import io.github.blip2j.files.WeightTensor;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/**
 * A language model as one stage without state, which reads a whole text and gives what its linear
 * layers are given at each position: what rounding their weights has to fit. It is compiled of the
 * same bodies as the model's own stages, over an interpreter that listens, so every family and
 * every backend has it. Immutable; safe for many threads.
 */
public final class LayerTaps {
  /** Name of the stage. */
  public static final String NAME = "layer_taps";

  private static final String READ = "read_";
  private static final String DISTANCES = "taps_distances";
  private static final String POSITIONS = "taps_T";

  private final Optional<Stage> encoder;
  private final Stage decoder;
  private final List<Tap> taps;
  private final Stage stage;

  private LayerTaps(Optional<Stage> encoder, Stage decoder, List<Tap> taps) {
    this.encoder = encoder;
    this.decoder = decoder;
    this.taps = List.copyOf(taps);
    List<Stage.Output> outputs = new ArrayList<>();
    for (int i = 0; i < taps.size(); i++) {
      Axis positions = Axis.any("taps_S" + i);
      Axis width = Axis.of(taps.get(i).width());
      outputs.add(Stage.Output.of("tap_" + i, Axis.BATCH, positions, width));
    }
    this.stage = Stage.of(NAME, inputs(encoder, decoder), outputs, new Listening());
  }

  /**
   * One output of the stage: (1,T,width).
   *
   * @param layers names of the weights (out,width) that are multiplied by it; those behind one norm
   *     share it
   * @param width of a vector
   */
  public record Tap(Set<String> layers, int width) {
    /** Copies the set. */
    public Tap {
      layers = Set.copyOf(layers);
    }
  }

  /**
   * Taps some layers.
   *
   * @param encoder that reads before the decoder, if there is one
   * @param decoder a step that reads a whole row at once
   * @param layers names of weights of linear layers; those that neither stage uses are left out
   * @return the stage and what it gives
   */
  public static LayerTaps of(Optional<Stage> encoder, Stage decoder, Set<String> layers) {
    WeightUses uses = WeightUses.of(Stream.concat(encoder.stream(), Stream.of(decoder)).toList());
    Map<String, Set<String>> groups = new LinkedHashMap<>();
    Map<String, WeightTensor> linear = new LinkedHashMap<>();
    Stream.concat(uses.linear().stream(), uses.inFloat32().stream())
        .filter(weight -> layers.contains(weight.name()))
        .forEach(weight -> linear.put(weight.name(), weight));
    linear.keySet().forEach(name -> groups.put(name, new LinkedHashSet<>(Set.of(name))));
    for (NormFold fold : uses.folds()) {
      Set<String> shared = new LinkedHashSet<>();
      fold.linear().stream()
          .map(WeightTensor::name)
          .filter(linear::containsKey)
          .forEach(shared::add);
      shared.forEach(name -> groups.put(name, shared));
    }
    List<Tap> taps = new ArrayList<>();
    for (Set<String> group : new LinkedHashSet<>(groups.values())) {
      WeightTensor one = Objects.requireNonNull(linear.get(group.iterator().next()));
      taps.add(new Tap(group, one.size(1)));
    }
    return new LayerTaps(encoder, decoder, taps);
  }

  private static List<Stage.Input> inputs(Optional<Stage> encoder, Stage decoder) {
    List<Stage.Input> inputs = new ArrayList<>(decoder.inputs());
    for (Stage.Input input : encoder.map(Stage::inputs).orElse(List.of())) {
      List<Axis> axes = input.axes().stream().map(LayerTaps::apart).toList();
      inputs.add(new Stage.Input(READ + input.name(), input.type(), axes));
    }
    Axis positions = Axis.any(POSITIONS);
    inputs.add(Stage.Input.integers(DISTANCES, Axis.BATCH, positions, positions));
    return inputs;
  }

  /** What an encoder reads is of another length than what its decoder does. */
  private static Axis apart(Axis axis) {
    return axis.isFixed() || axis.equals(Axis.BATCH) ? axis : Axis.any(READ + axis.name());
  }

  /** Both bodies, one behind the other. */
  private final class Listening implements Stage.Body {
    @Override
    public <T> List<T> apply(Ops<T> ops, Stage.Inputs<T> inputs) {
      ListeningOps<T> listening = new ListeningOps<>(ops, inputs.get(DISTANCES));
      encoder.ifPresent(
          reader -> {
            Map<String, T> read = new HashMap<>();
            reader.inputs().forEach(i -> read.put(i.name(), inputs.get(READ + i.name())));
            listening.remember(reader.apply(listening, read));
          });
      decoder.apply(listening, inputs.values());
      return taps.stream().map(tap -> listening.heard(tap.layers().iterator().next())).toList();
    }
  }

  /**
   * The stage.
   *
   * @return one whose outputs are those of {@link #taps}, in order
   */
  public Stage stage() {
    return stage;
  }

  /**
   * What its outputs are.
   *
   * @return in order, unmodifiable; none if no layer is tapped
   */
  public List<Tap> taps() {
    return taps;
  }

  /**
   * What the stage is given.
   *
   * @param read inputs of the encoder; empty of a decoder alone
   * @param step inputs of the decoder for one row from its beginning
   * @param span T, positions of that row
   * @return a tensor for each of the stage's inputs
   */
  public static Map<String, HostTensor> inputs(
      Map<String, HostTensor> read, Map<String, HostTensor> step, int span) {
    long[] distances = new long[span * span];
    for (int query = 0; query < span; query++) {
      for (int key = 0; key < span; key++) {
        distances[query * span + key] = (long) query - key;
      }
    }
    Map<String, HostTensor> inputs = new HashMap<>(step);
    read.forEach((name, tensor) -> inputs.put(READ + name, tensor));
    inputs.put(DISTANCES, new HostTensor.Integers(distances, 1, span, span));
    return inputs;
  }
}
