package io.github.blip2j.checkpoint;

import io.github.blip2j.family.HeadConfig;
import io.github.blip2j.family.TextConfig;
import io.github.blip2j.files.WeightTensor;
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
    if (head instanceof TextConfig text) {
      List<String> names = text.tokenTable().stream().map(n -> LANGUAGE + n).toList();
      names.stream()
          .filter(tensors::containsKey)
          .findFirst()
          .ifPresent(found -> alias(tensors, names.get(0), found));
      table(tensors, names.get(0));
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
