package io.github.blip2j.bench;

import io.github.blip2j.files.DType;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
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
        """),
    FLAN_T5_XL(
        """
        {"model_type": "blip-2", "architectures": ["Blip2ForConditionalGeneration"],
         "num_query_tokens": 32, "image_token_index": 32100, "use_decoder_only_language_model": false,
         "vision_config": {"model_type": "blip_2_vision_model"},
         "qformer_config": {"model_type": "blip_2_qformer"},
         "text_config": {"model_type": "t5", "d_model": 2048, "d_kv": 64, "d_ff": 5120,
          "num_layers": 24, "num_decoder_layers": 24, "num_heads": 32, "vocab_size": 32128,
          "feed_forward_proj": "gated-gelu", "dense_act_fn": "gelu", "is_gated_act": true,
          "tie_word_embeddings": false, "bos_token_id": 1, "eos_token_id": 1, "pad_token_id": 0,
          "decoder_start_token_id": 0, "is_encoder_decoder": true}}
        """),
    ITM_VIT_G(
        """
        {"model_type": "blip-2", "architectures": ["Blip2ForImageTextRetrieval"],
         "num_query_tokens": 32, "image_token_index": 30523, "image_text_hidden_size": 256,
         "vision_config": {"model_type": "blip_2_vision_model"},
         "qformer_config": {"model_type": "blip_2_qformer", "use_qformer_text_input": true,
          "vocab_size": 30523},
         "text_config": {"model_type": "opt"}}
        """),
    INSTRUCTBLIP_VICUNA_7B(
        """
        {"model_type": "instructblip", "architectures": ["InstructBlipForConditionalGeneration"],
         "num_query_tokens": 32, "image_token_index": 32001, "use_decoder_only_language_model": true,
         "vision_config": {"model_type": "instructblip_vision_model"},
         "qformer_config": {"model_type": "instructblip_qformer", "vocab_size": 30523},
         "text_config": {"model_type": "llama", "hidden_size": 4096, "intermediate_size": 11008,
          "num_hidden_layers": 32, "num_attention_heads": 32, "vocab_size": 32064,
          "bos_token_id": 0, "eos_token_id": 1, "pad_token_id": 32000}}
        """),
    MBLIP_MT0_XL(
        """
        {"model_type": "blip-2", "architectures": ["Blip2ForConditionalGeneration"],
         "num_query_tokens": 32, "use_decoder_only_language_model": false,
         "vision_config": {"model_type": "blip_2_vision_model"},
         "qformer_config": {"model_type": "blip_2_qformer"},
         "text_config": {"model_type": "mt5", "d_model": 2048, "d_kv": 64, "d_ff": 5120,
          "num_layers": 24, "num_decoder_layers": 24, "num_heads": 32, "vocab_size": 250112,
          "eos_token_id": 1, "pad_token_id": 0, "decoder_start_token_id": 0}}
        """);

    private final String config;

    Shape(String config) {
      this.config = config;
    }

    /** The text of its config.json. */
    String config() {
      return config;
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

  @Option(
      names = "--config",
      paramLabel = "FILE",
      description = "A config.json of your own instead of a shape.")
  @Nullable Path config;

  @Option(
      names = "--outliers",
      paramLabel = "N",
      description = "Channels of each norm that are larger than the rest (default: 0).")
  int outliers;

  @Option(names = "--factor", description = "How much larger (default: ${DEFAULT-VALUE}).")
  float factor = 60;

  @Override
  public Integer call() throws IOException {
    long start = System.nanoTime();
    RandomCheckpoint.Outliers planted = new RandomCheckpoint.Outliers(outliers, factor);
    long parameters =
        new RandomCheckpoint(dtype, seed, planted)
            .write(config == null ? shape.config : Files.readString(config), out);
    spec.commandLine()
        .getOut()
        .printf(
            Locale.ROOT,
            "%s: %,d parameters in %.0f s%n",
            out,
            parameters,
            (System.nanoTime() - start) / 1e9);
    return 0;
  }
}
