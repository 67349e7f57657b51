package io.github.blip2j.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.blip2j.Blip2;
import io.github.blip2j.LoadedCheckpoint;
import io.github.blip2j.checkpoint.Checkpoint;
import io.github.blip2j.core.CheckpointException;
import io.github.blip2j.files.DType;
import io.github.blip2j.files.SafetensorsWriter;
import io.github.blip2j.files.WeightTensor;
import io.github.blip2j.files.Weights;
import io.github.blip2j.spi.TrainingModel;
import io.github.blip2j.spi.TrainingRequest.LowRankChange;
import io.github.blip2j.testkit.Checkpoints;
import io.github.blip2j.testkit.Fixtures;
import java.io.IOException;
import java.lang.management.BufferPoolMXBean;
import java.lang.management.ManagementFactory;
import java.lang.reflect.Proxy;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicInteger;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** States, adapters and checkpoints as they are written, and what is no state. */
class TrainingFilesTest {
  private static final LoraOptions LORA =
      new LoraOptions(2, 3, List.of("q_proj", "out_proj", "dense"));
  private static final Map<String, String> IDENTITY = Map.of("seed", "7", "trained", "qformer");

  @TempDir static Path cache;
  private static Blip2 blip2;
  private static List<LowRankChange> changes;

  @TempDir Path folder;

  @BeforeAll
  static void load() {
    blip2 = TinyTraining.load(cache);
    changes = LowRank.of(LoadedCheckpoint.of(blip2).source().program(), LORA);
  }

  @AfterAll
  static void close() {
    blip2.close();
  }

  private static TrainingModel open() {
    return LoadedCheckpoint.of(blip2).openTraining(changes);
  }

  /** Three layers of two projections; the Q-Former's dense layers are not the language model's. */
  @Test
  void changesStandInTheLanguageModelAlone() {
    assertThat(changes).hasSize(6);
    assertThat(changes)
        .allSatisfy(c -> assertThat(c.module()).startsWith("language_model.model.decoder.layers."))
        .allSatisfy(c -> assertThat(c.scale()).isEqualTo(1.5));
  }

  @Test
  void anAdapterNamesBaseLayersAndNumbers() throws Exception {
    Path made = folder.resolve("adapter");
    try (TrainingModel model = open()) {
      LowRank.begin(model, changes, 5);
      new AdapterFiles(Path.of("base"), LORA, changes).write(made, model);
      JsonNode config = new ObjectMapper().readTree(made.resolve("adapter_config.json").toFile());
      assertThat(config.get("peft_type").textValue()).isEqualTo("LORA");
      assertThat(config.get("base_model_name_or_path").textValue()).isEqualTo("base");
      assertThat(config.get("r").intValue()).isEqualTo(2);
      assertThat(config.get("lora_alpha").doubleValue()).isEqualTo(3);
      assertThat(config.get("target_modules")).hasSize(6);
      List<WeightTensor> tensors = Weights.ofFile(made.resolve("adapter_model.safetensors")).all();
      assertThat(tensors).hasSize(12);
      String name = "base_model.model." + changes.get(0).down();
      WeightTensor down =
          tensors.stream().filter(t -> t.name().equals(name)).findFirst().orElseThrow();
      assertThat(down.shape()).containsExactly(2L, 40L);
      assertThat(down.floats()).isEqualTo(model.state(changes.get(0).down()).values());
    }
    try (var files = Files.list(folder)) {
      assertThat(files).containsExactly(made); // nothing half written
    }
  }

  /** As for checkpoints and bundles. */
  @Test
  void whatAKilledProcessLeftOfAnAdapterIsRemoved() throws Exception {
    Files.createDirectory(folder.resolve(".adapter.1.partial"));
    try (TrainingModel model = open()) {
      new AdapterFiles(Path.of("base"), LORA, changes).write(folder.resolve("adapter"), model);
    }
    assertThat(files()).containsExactly("adapter");
  }

  /** PEFT's beginning: B is 0, and A lies within ±1/√in. */
  @Test
  void changesBeginAsPeftsDo() {
    try (TrainingModel model = open()) {
      LowRank.begin(model, changes, 5);
      for (LowRankChange change : changes) {
        assertThat(model.state(change.up()).values()).containsOnly(0);
        float[] down = model.state(change.down()).values();
        assertThat(down).hasSize(80);
        for (float value : down) {
          assertThat(Math.abs(value)).isLessThanOrEqualTo((float) (1 / Math.sqrt(40)));
        }
      }
    }
  }

  @Test
  void aStateComesBackWithItsMomentsAndSteps() {
    TrainingState state = new TrainingState(folder, IDENTITY);
    String name = changes.get(0).up();
    float[] values = new float[80];
    values[3] = 0.25f;
    try (TrainingModel model = open()) {
      model.restore(name, new TrainingModel.State(values, values.clone(), new float[80]));
      model.restoreSteps(17);
      state.write(model);
    }
    try (TrainingModel model = open()) {
      state.restore(model);
      assertThat(model.steps()).isEqualTo(17);
      assertThat(model.state(name).values()).isEqualTo(values);
      assertThat(model.state(name).first()).isEqualTo(values);
      assertThat(model.state(name).second()).containsOnly(0);
    }
  }

  /** A model whose first parameter's reading is interrupted, so that its file is closed. */
  private static TrainingModel interrupting(TrainingModel model) {
    AtomicInteger calls = new AtomicInteger();
    return (TrainingModel)
        Proxy.newProxyInstance(
            TrainingFilesTest.class.getClassLoader(),
            new Class<?>[] {TrainingModel.class},
            (proxy, method, arguments) -> {
              if (method.getName().equals("state") && calls.getAndIncrement() == 0) {
                Thread.currentThread().interrupt();
              }
              return method.invoke(model, arguments);
            });
  }

  @Test
  void anInterruptInTheMiddleDoesNotLoseTheState() throws Exception {
    TrainingState state = new TrainingState(folder, IDENTITY);
    try (TrainingModel model = open()) {
      LowRank.begin(model, changes, 5);
      model.restoreSteps(17);
      state.write(interrupting(model));
      assertThat(Thread.interrupted()).as("kept").isTrue();
      Thread.currentThread().interrupt();
      state.write(model);
      assertThat(Thread.interrupted()).as("kept").isTrue();
      float[] written = model.state(changes.get(0).down()).values();
      LowRank.begin(model, changes, 6);
      state.restore(model);
      assertThat(model.state(changes.get(0).down()).values()).isEqualTo(written);
      assertThat(model.steps()).isEqualTo(17);
    }
    assertThat(files()).containsExactly("state.safetensors");
  }

  /** What failed for another reason is told, once. */
  @Test
  void aStateThatCannotBeWrittenIsTold() throws Exception {
    Files.createDirectories(folder.resolve("state.safetensors").resolve("in the way"));
    TrainingState state = new TrainingState(folder, IDENTITY);
    try (TrainingModel model = open()) {
      assertThatThrownBy(() -> state.write(model))
          .isInstanceOf(CheckpointException.class)
          .hasMessageContaining("cannot be written");
    }
    assertThat(files()).containsExactly("state.safetensors");
  }

  private List<String> files() throws IOException {
    try (var files = Files.list(folder)) {
      return files.map(f -> f.getFileName().toString()).sorted().toList();
    }
  }

  /** A mapped file cannot be replaced on Windows until its buffers are collected. */
  @Test
  void aStateIsReadWithoutMappingIt() {
    TrainingState state = new TrainingState(folder, IDENTITY);
    try (TrainingModel model = open()) {
      state.write(model);
      long before = mapped();
      state.restore(model);
      assertThat(mapped()).isLessThanOrEqualTo(before);
    }
  }

  private static long mapped() {
    return ManagementFactory.getPlatformMXBeans(BufferPoolMXBean.class).stream()
        .filter(pool -> pool.getName().equals("mapped"))
        .mapToLong(BufferPoolMXBean::getCount)
        .sum();
  }

  /** Gigabytes each, which nobody else would remove. */
  @Test
  void whatKilledTrainingsLeftIsSwept() throws Exception {
    TrainingState state = new TrainingState(folder, IDENTITY);
    var entry = new SafetensorsWriter.Entry("none", DType.F32, List.of(1L));
    SafetensorsWriter killed =
        new SafetensorsWriter(state.file(), List.of(entry), Map.of("format", "pt"));
    long parent = ProcessHandle.current().parent().orElseThrow().pid();
    String running = "state.safetensors." + parent + "-1.partial";
    String gone = "state.safetensors." + Integer.MAX_VALUE + "-1.partial";
    String mine = "another.safetensors.1-1.partial";
    for (String name : List.of(running, gone, mine)) {
      Files.writeString(folder.resolve(name), "half");
    }
    assertThat(files()).hasSize(4);
    state.sweep();
    assertThat(files()).containsExactly(mine, running);
    killed.close();
    new TrainingState(folder.resolve("none yet"), IDENTITY).sweep();
  }

  @Test
  void aTrainingSweepsItsFolder() throws Exception {
    Path left =
        Files.writeString(
            folder.resolve("state.safetensors." + Integer.MAX_VALUE + "-1.partial"), "half");
    try (Trainer trainer = Trainer.lora(blip2, LORA, TinyTraining.options(1).withFolder(folder))) {
      trainer.train(TinyTraining.examples(), List.of(), TrainingListener.NONE);
    }
    assertThat(left).doesNotExist();
    assertThat(files()).containsExactly("log.jsonl", "state.safetensors");
  }

  private void refused(TrainingState state, String... words) {
    try (TrainingModel model = open()) {
      assertThatThrownBy(() -> state.restore(model))
          .isInstanceOf(CheckpointException.class)
          .hasMessageContainingAll(words);
    }
  }

  @Test
  void whatIsNoStateIsRefused() throws Exception {
    TrainingState state = new TrainingState(folder, IDENTITY);
    refused(state, "expected the state of a training, found none");
    Files.writeString(state.file(), "not a file of tensors");
    refused(state, "state.safetensors");
    write(state, Map.of("format", "pt"));
    refused(state, "format: expected blip2-training-state", "found pt");
    write(state, Map.of("format", "blip2-training-state", "seed", "8", "trained", "qformer"));
    refused(state, "seed: expected 7 as this training has it, found 8");
    write(state, Map.of("format", "blip2-training-state", "seed", "7", "trained", "qformer"));
    refused(state, "value/" + changes.get(0).down(), "expected [2, 40], found no such tensor");
  }

  private static void write(TrainingState state, Map<String, String> metadata) throws Exception {
    Files.deleteIfExists(state.file());
    var entry = new SafetensorsWriter.Entry("none", DType.F32, List.of(1L));
    try (SafetensorsWriter writer = new SafetensorsWriter(state.file(), List.of(entry), metadata)) {
      writer.write(new float[1], 1, DType.F32);
      writer.commit();
    }
  }

  @Test
  void namesAndSizesOfChangedTensorsAreChecked() {
    Checkpoint checkpoint = LoadedCheckpoint.of(blip2).source().checkpoint();
    Path made = folder.resolve("made");
    assertThatThrownBy(() -> checkpoint.writeWith(made, Map.of("qformer.none", new float[1])))
        .isInstanceOf(CheckpointException.class)
        .hasMessageContaining("qformer.none: expected a tensor of the checkpoint, found none");
    assertThatThrownBy(() -> checkpoint.writeWith(made, Map.of("query_tokens", new float[1])))
        .isInstanceOf(CheckpointException.class)
        .hasMessageContaining("query_tokens: expected 192 numbers, found 1");
    assertThat(made).doesNotExist();
  }

  /** What is not trained is copied when it is saved, hours later. */
  @Test
  void aCheckpointThatWasReplacedIsNotMixed() throws Exception {
    Path own = Fixtures.copy(TinyTraining.FIXTURE, folder.resolve("own"));
    Path file = own.resolve("pytorch_model.bin");
    Path made = folder.resolve("made");
    try (Blip2 model = Blip2.builder().model(own).backend("djl").cacheDirectory(cache).load();
        Trainer trainer = Trainer.qformer(model, TinyTraining.options(1))) {
      Checkpoints.replace(file);
      replaced(() -> trainer.save(made));
      replaced(() -> Trainer.lora(model, LORA, TinyTraining.options(1)).close());
    }
    Map<String, float[]> replacing =
        new HashMap<>() {
          @Override
          public float @Nullable [] get(@Nullable Object name) {
            if ("query_tokens".equals(name)) {
              Checkpoints.replace(file);
            }
            return super.get(name);
          }
        };
    replacing.put("query_tokens", new float[192]);
    Checkpoint checkpoint = Checkpoint.open(own, cache);
    replaced(() -> checkpoint.writeWith(made, replacing));
    assertThat(made).doesNotExist();
  }

  private static void replaced(ThrowingCallable call) {
    assertThatThrownBy(call)
        .isInstanceOf(CheckpointException.class)
        .hasMessageContainingAll("pytorch_model.bin", "it was replaced while it was read");
  }

  /** Of a float16 checkpoint what was not trained stays as it lies in the file, bit by bit. */
  @Test
  void unchangedTensorsKeepTheirTypes() {
    Checkpoint half = Fixtures.checkpoint("tiny-opt-fp16-sharded", cache);
    Path made = folder.resolve("made");
    half.writeWith(made, Map.of("query_tokens", new float[192]));
    Map<String, WeightTensor> before = named(half);
    Map<String, WeightTensor> after = named(Checkpoint.open(made));
    assertThat(after.keySet()).containsExactlyInAnyOrderElementsOf(before.keySet());
    after.forEach(
        (name, tensor) -> {
          boolean changed = name.equals("query_tokens");
          assertThat(tensor.dtype()).as(name).isEqualTo(changed ? DType.F32 : DType.F16);
          assertThat(tensor.floats())
              .isEqualTo(
                  changed ? new float[192] : Objects.requireNonNull(before.get(name)).floats());
        });
    assertThat(made.resolve("tokenizer.json")).hasSameBinaryContentAs(half.tokenizer());
  }

  private static Map<String, WeightTensor> named(Checkpoint checkpoint) {
    Map<String, WeightTensor> tensors = new java.util.TreeMap<>();
    checkpoint.weights().all().forEach(t -> tensors.put(t.name(), t));
    return tensors;
  }
}
