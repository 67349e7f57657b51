package io.github.blip2j.checkpoint;

import io.github.blip2j.core.CheckpointException;
import io.github.blip2j.family.QFormerConfig;
import io.github.blip2j.family.TextConfig;
import java.util.Collection;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Refuses a configuration with fewer layers than are stored, or one that skips stored
 * cross-attention: such a model would run, and write nonsense.
 */
final class StoredLayers {
  private static final Pattern VISION =
      Pattern.compile("vision_model\\.encoder\\.layers\\.(\\d+)\\..*");
  private static final Pattern QFORMER =
      Pattern.compile("qformer\\.encoder\\.layer\\.(\\d+)\\.(crossattention)?.*");

  private StoredLayers() {}

  static void check(ModelConfig config, Collection<String> names) {
    QFormerConfig qformer = config.qformer();
    for (String name : names) {
      below(VISION, name, "vision_config: num_hidden_layers", config.vision().layers());
      below(QFORMER, name, "qformer_config: num_hidden_layers", qformer.layers());
      Matcher layer = QFORMER.matcher(name);
      if (layer.matches()
          && layer.group(2) != null
          && Integer.parseInt(layer.group(1)) % qformer.crossAttentionFrequency() != 0) {
        throw new CheckpointException(
            "qformer_config: cross_attention_frequency: expected one that uses the stored "
                + name
                + ", found "
                + qformer.crossAttentionFrequency());
      }
      if (config.head() instanceof TextConfig text) {
        for (TextConfig.Stack stack : text.stacks()) {
          below(pattern(stack), name, stack.setting(), stack.layers());
        }
      }
    }
  }

  private static Pattern pattern(TextConfig.Stack stack) {
    return Pattern.compile("language_model\\." + Pattern.quote(stack.prefix()) + "(\\d+)\\..*");
  }

  private static void below(Pattern pattern, String name, String setting, int layers) {
    Matcher matcher = pattern.matcher(name);
    if (matcher.matches()
        && (matcher.group(1).length() > 6 || Integer.parseInt(matcher.group(1)) >= layers)) {
      throw new CheckpointException(
          setting
              + ": expected more than "
              + matcher.group(1)
              + " as "
              + name
              + " is stored, found "
              + layers);
    }
  }
}
