package io.github.blip2j.checkpoint;

import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Names of tensors that share their data. {@code safetensors.torch.save_model} keeps one name of
 * several and notes the others in {@code __metadata__}; {@code save_pretrained} keeps another.
 */
final class TiedTensors {
  private static final String LANGUAGE = "language_model.";
  private static final String HEAD = LANGUAGE + "lm_head.weight";
  private static final String OPT_TABLE = LANGUAGE + "model.decoder.embed_tokens.weight";
  private static final List<String> T5_TABLES =
      List.of(
          LANGUAGE + "shared.weight",
          LANGUAGE + "encoder.embed_tokens.weight",
          LANGUAGE + "decoder.embed_tokens.weight");

  private TiedTensors() {}

  /**
   * The tensors under the names that models ask for: a token table that is stored under another
   * name has its own, and a head that is the token table is none of its own.
   *
   * @param aliases from names that were left out to names that are stored; others are ignored
   */
  static Map<String, WeightTensor> named(
      Map<String, WeightTensor> stored, Map<String, String> aliases, HeadConfig head) {
    Map<String, WeightTensor> tensors = new LinkedHashMap<>(stored);
    new HashMap<>(aliases).forEach((name, kept) -> alias(tensors, name, kept));
    if (head instanceof OptConfig) {
      alias(tensors, OPT_TABLE, HEAD); // OPT's head is always tied
      table(tensors, OPT_TABLE);
    } else if (head instanceof T5Config t5) {
      String table = T5_TABLES.stream().filter(tensors::containsKey).findFirst().orElse(HEAD);
      if (!table.equals(HEAD) || t5.tied()) {
        alias(tensors, T5_TABLES.get(0), table);
      }
      table(tensors, T5_TABLES.get(0));
    }
    return tensors;
  }

  private static void alias(Map<String, WeightTensor> tensors, String name, String kept) {
    WeightTensor tensor = tensors.get(kept);
    if (tensor != null && !tensors.containsKey(name)) {
      tensors.put(
          name,
          new WeightTensor(
              name,
              tensor.dtype(),
              tensor.shape(),
              tensor.file(),
              tensor.offset(),
              tensor.bytes()));
    }
  }

  /** Other names of the same data as the table's are dropped. */
  private static void table(Map<String, WeightTensor> tensors, String name) {
    WeightTensor table = tensors.get(name);
    if (table != null) {
      tensors
          .values()
          .removeIf(
              t ->
                  t.name().startsWith(LANGUAGE)
                      && !t.name().equals(name)
                      && t.offset() == table.offset()
                      && t.bytes() == table.bytes()
                      && t.bytes() > 0
                      && t.file().equals(table.file()));
    }
  }
}
