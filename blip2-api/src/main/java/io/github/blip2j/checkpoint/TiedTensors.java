package io.github.blip2j.checkpoint;

import io.github.blip2j.family.HeadConfig;
import io.github.blip2j.family.TextConfig;
import io.github.blip2j.files.WeightTensor;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Names of tensors that share their data. {@code save_pretrained} keeps one name of several, {@code
 * torch.save} all of them.
 */
final class TiedTensors {
  private static final String LANGUAGE = "language_model.";

  private TiedTensors() {}

  /**
   * The tensors under the names that models ask for: a token table that is stored under another
   * name has its own, and a head that is the token table is none of its own.
   */
  static Map<String, WeightTensor> named(Map<String, WeightTensor> stored, HeadConfig head) {
    Map<String, WeightTensor> tensors = new LinkedHashMap<>(stored);
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
      tensors.put(name, tensor.renamed(name));
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
