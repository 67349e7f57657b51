package io.github.blip2j.bench;

import io.github.blip2j.checkpoint.DType;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code blip2-bench random-checkpoint} */
@Command(
    name = "random-checkpoint",
    description = "Writes a checkpoint with random weights in a published model's shapes.",
    mixinStandardHelpOptions = true)
@SuppressWarnings("NullAway.Init")
final class RandomCheckpointCommand implements Callable<Integer> {
  /** Published shapes: what the model's own config.json says beyond the defaults. */
  enum Shape {
    OPT_2_7B(
        """
        {"model_type": "blip-2", "architectures": ["Blip2ForConditionalGeneration"],
         "num_query_tokens": 32, "image_token_index": 50265, "use_decoder_only_language_model": true,
         "vision_config": {"model_type": "blip_2_vision_model"},
         "qformer_config": {"model_type": "blip_2_qformer"},
         "text_config": {"model_type": "opt", "hidden_size": 2560, "word_embed_proj_dim": 2560,
          "ffn_dim": 10240, "num_hidden_layers": 32, "num_attention_heads": 32,
          "vocab_size": 50304, "eos_token_id": 50118}}
        """);

    private final String config;

    Shape(String config) {
      this.config = config;
    }
  }

  @Spec CommandSpec spec;

  @Option(names = "--out", required = true, description = "Directory to write.")
  Path out;

  @Option(names = "--shape", description = "${COMPLETION-CANDIDATES} (default: ${DEFAULT-VALUE}).")
  Shape shape = Shape.OPT_2_7B;

  @Option(names = "--dtype", description = "F32, F16 or BF16 (default: ${DEFAULT-VALUE}).")
  DType dtype = DType.F32;

  @Option(names = "--seed", description = "Default: ${DEFAULT-VALUE}.")
  long seed = 1;

  @Override
  public Integer call() throws IOException {
    long start = System.nanoTime();
    long parameters = new RandomCheckpoint(dtype, seed).write(shape.config, out);
    spec.commandLine()
        .getOut()
        .printf(
            "%s: %,d parameters in %.0f s%n", out, parameters, (System.nanoTime() - start) / 1e9);
    return 0;
  }
}
