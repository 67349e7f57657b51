package io.github.blip2j.cli;

import io.github.blip2j.Blip2;
import io.github.blip2j.train.LoraOptions;
import io.github.blip2j.train.Trainer;
import io.github.blip2j.train.TrainingExample;
import io.github.blip2j.train.TrainingOptions;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code blip2 train --examples FILE --output DIR} */
@Command(
    name = "train",
    description = {
      "Trains a model on images and texts (backend djl).",
      "What is trained is its Q-Former with queries and projection,",
      "which gives a checkpoint, or changes of low rank of its language model (LoRA), which give a",
      "PEFT adapter. DIR gets log.jsonl, state.safetensors, and model/ or adapter/ at the end."
    },
    mixinStandardHelpOptions = true,
    footer = {
      "",
      "A line of FILE: {\"image\": \"one.png\", \"text\": \"a cat\"}, with \"prompt\" if it answers"
          + " one.",
      "",
      "Example:",
      "  blip2 train --model DIR --examples pairs.jsonl --output run"
    })
@SuppressWarnings("NullAway.Init")
final class TrainCommand implements Callable<Integer> {
  private static final String STATE = "state.safetensors";

  /** What is trained. */
  enum Part {
    QFORMER("model"),
    LORA("adapter");

    private final String result;

    Part(String result) {
      this.result = result;
    }
  }

  @Spec CommandSpec spec;
  @Mixin ModelOptions model;

  @Option(
      names = "--examples",
      required = true,
      paramLabel = "FILE",
      description = "JSON lines of image, text and perhaps prompt; paths seen from its folder.")
  Path examples;

  @Option(
      names = "--validation",
      paramLabel = "FILE",
      description = "Examples whose loss is watched (default: none).")
  @Nullable Path validation;

  @Option(
      names = {"--output", "--out"},
      required = true,
      paramLabel = "DIR",
      description = "Folder of the training.")
  Path output;

  @Option(names = "--resume", description = "Go on from the state in DIR.")
  boolean resume;

  @Option(
      names = "--part",
      paramLabel = "lora|qformer",
      description = "What is trained (default: lora).")
  Part part = Part.LORA;

  @Option(names = "--steps", description = "Steps of AdamW (default: ${DEFAULT-VALUE}).")
  int steps = 2000;

  @Option(names = "--batch", description = "Examples of a pass (default: ${DEFAULT-VALUE}).")
  int batch = 8;

  @Option(names = "--accumulate", description = "Passes of a step (default: ${DEFAULT-VALUE}).")
  int accumulate = 1;

  @Option(names = "--rate", description = "Highest learning rate (default: ${DEFAULT-VALUE}).")
  double rate = 1e-4;

  @Option(names = "--last-rate", description = "That of the end (default: a tenth of --rate).")
  @Nullable Double lastRate;

  @Option(names = "--warm-up", description = "Steps up to it (default: a twentieth of --steps).")
  @Nullable Integer warmUp;

  @Option(names = "--decay", description = "Of AdamW (default: ${DEFAULT-VALUE}).")
  double decay = 0.05;

  @Option(names = "--clip", description = "Longest gradient, 0 any (default: ${DEFAULT-VALUE}).")
  double clip = 1;

  @Option(
      names = "--every",
      description =
          "Steps between states and looks at --validation" + " (default: ${DEFAULT-VALUE}).")
  int every = 100;

  @Option(names = "--seed", description = "Of order and beginning (default: ${DEFAULT-VALUE}).")
  long seed;

  @Option(names = "--rank", description = "Of LoRA's matrices (default: ${DEFAULT-VALUE}).")
  int rank = 16;

  @Option(names = "--alpha", description = "LoRA's factor is alpha/rank (default: twice --rank).")
  @Nullable Double alpha;

  @Option(
      names = "--layers",
      split = ",",
      paramLabel = "NAME",
      description = "Last words of layers that LoRA changes (default: q, k, v and out).")
  @Nullable List<String> layers;

  @Option(names = "--json", description = "Print JSON lines.")
  boolean json;

  @Override
  public Integer call() throws IOException {
    TrainingOptions options = options(); // slips are found before anything is loaded
    LoraOptions lora = lora();
    requireFolder();
    List<TrainingExample> pairs = TrainingPairs.read(examples);
    List<TrainingExample> watched = validation == null ? List.of() : TrainingPairs.read(validation);
    model.backend = model.backend == null ? "djl" : model.backend;
    PrintWriter out = spec.commandLine().getOut();
    PrintWriter err = spec.commandLine().getErr();
    Path result = output.resolve(part.result);
    try (Blip2 blip2 = model.load(err);
        Trainer trainer =
            part == Part.LORA
                ? Trainer.lora(blip2, lora, options)
                : Trainer.qformer(blip2, options)) {
      trainer.train(pairs, watched, new TrainingReport(out, err, steps, json));
      trainer.save(result);
    }
    out.println(
        json
            ? Output.MAPPER.createObjectNode().put("output", result.toString()).toString()
            : result + ": use it with " + (part == Part.LORA ? "--adapter" : "--model"));
    out.flush();
    return 0;
  }

  private TrainingOptions options() {
    double last = lastRate == null ? rate / 10 : lastRate;
    int rising = warmUp == null ? steps / 20 : warmUp;
    return TrainingOptions.defaults()
        .withSteps(steps)
        .withBatches(batch, accumulate)
        .withRates(new TrainingOptions.Rates(rate, last, rising))
        .withDecayAndClip(decay, clip)
        .withEvery(new TrainingOptions.Every(every, every))
        .withSeed(seed)
        .withFolder(output);
  }

  private LoraOptions lora() {
    LoraOptions chosen =
        LoraOptions.defaults().withRank(rank).withAlpha(alpha == null ? 2.0 * rank : alpha);
    return layers == null ? chosen : chosen.withLayers(layers);
  }

  private void requireFolder() {
    Path state = output.resolve(STATE);
    if (Files.exists(state) != resume) {
      throw new IllegalArgumentException(
          resume
              ? "--resume: expected the state of a training, found none at " + state
              : "--output: expected a folder without a training, found "
                  + state
                  + "; --resume goes on from it");
    }
    Path result = output.resolve(part.result);
    if (Files.exists(result)) {
      throw new IllegalArgumentException(
          "--output: expected no result yet, found " + result + "; name another folder");
    }
  }
}
