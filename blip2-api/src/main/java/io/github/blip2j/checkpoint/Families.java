package io.github.blip2j.checkpoint;

import io.github.blip2j.core.CheckpointException;
import io.github.blip2j.family.LanguageFamily;
import io.github.blip2j.family.TextConfig;
import io.github.blip2j.family.VisionConfig;
import io.github.blip2j.family.VisionFamily;
import io.github.blip2j.files.Json;
import io.github.blip2j.internal.family.bloom.BloomFamily;
import io.github.blip2j.internal.family.llama.LlamaFamily;
import io.github.blip2j.internal.family.opt.OptFamily;
import io.github.blip2j.internal.family.t5.T5Family;
import io.github.blip2j.internal.family.vit.ClipFamily;
import io.github.blip2j.internal.family.vit.VitFamily;
import java.util.ArrayList;
import java.util.List;
import java.util.ServiceLoader;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Which families of models there are: the library's own, then those of other libraries. */
final class Families {
  private static final List<LanguageFamily> LANGUAGE =
      Stream.of(
              List.of(new OptFamily()),
              T5Family.all(),
              List.of(new BloomFamily()),
              LlamaFamily.all())
          .<LanguageFamily>flatMap(List::stream)
          .toList();
  private static final List<VisionFamily> VISION = List.of(new VitFamily(), new ClipFamily());

  private Families() {}

  /** The language model's kind decides what its settings are. */
  static TextConfig language(Json json, Json generation) {
    String type = json.text("model_type", LANGUAGE.get(0).modelType());
    List<LanguageFamily> families = new ArrayList<>(LANGUAGE);
    ServiceLoader.load(LanguageFamily.class, LanguageFamily.class.getClassLoader())
        .forEach(families::add);
    return families.stream()
        .filter(f -> f.modelType().equals(type))
        .findFirst()
        .orElseThrow(
            () ->
                new CheckpointException(
                    json.where()
                        + ": model_type: expected "
                        + families.stream()
                            .map(f -> "\"" + f.modelType() + "\"")
                            .collect(Collectors.joining(" or "))
                        + ", found \""
                        + type
                        + "\""))
        .parse(json, generation);
  }

  /** As the reference reads it: whatever kind the settings name, unless another family has it. */
  static VisionConfig vision(Json json) {
    String type = json.text("model_type", VISION.get(0).modelType());
    List<VisionFamily> families = new ArrayList<>(VISION);
    ServiceLoader.load(VisionFamily.class, VisionFamily.class.getClassLoader())
        .forEach(families::add);
    return families.stream()
        .filter(f -> f.modelType().equals(type))
        .findFirst()
        .orElse(VISION.get(0))
        .parse(json);
  }
}
