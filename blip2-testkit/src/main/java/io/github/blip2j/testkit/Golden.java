package io.github.blip2j.testkit;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.blip2j.files.WeightTensor;
import io.github.blip2j.files.Weights;
import io.github.blip2j.generation.EarlyStopping;
import io.github.blip2j.generation.GenerationOptions;
import io.github.blip2j.generation.GenerationOptionsBuilder;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** What the reference computed for a fixture checkpoint. */
public final class Golden {
  private final Map<String, WeightTensor> tensors;
  private final List<Case> cases;

  /** Reads {@code golden.safetensors} and {@code golden.json} of a checkpoint. */
  public Golden(Path checkpoint) {
    this(checkpoint, "golden");
  }

  /** Reads {@code NAME.safetensors} and {@code NAME.json} of a checkpoint. */
  public Golden(Path checkpoint, String name) {
    tensors =
        Weights.ofFile(checkpoint.resolve(name + ".safetensors")).all().stream()
            .collect(Collectors.toMap(WeightTensor::name, t -> t));
    cases = new ArrayList<>();
    try {
      JsonNode root =
          new ObjectMapper().readTree(Files.readAllBytes(checkpoint.resolve(name + ".json")));
      root.get("cases").forEach(node -> cases.add(Case.of(node)));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** A stage's result, such as {@code landscape.png/vision}. */
  public float[] tensor(String name) {
    return Objects.requireNonNull(tensors.get(name), name).floats();
  }

  /** Whether there is a tensor of this name. */
  boolean has(String name) {
    return tensors.containsKey(name);
  }

  /** All generation cases. */
  List<Case> all() {
    return List.copyOf(cases);
  }

  /** Names of all tensors that end so. */
  public List<String> endingWith(String suffix) {
    return tensors.keySet().stream().filter(n -> n.endsWith(suffix)).sorted().toList();
  }

  /** All generation cases. */
  public List<Case> cases() {
    return List.copyOf(cases);
  }

  /** Generation cases with one of these names; fails if there is none of one of them. */
  public List<Case> cases(String... names) {
    List<Case> found = new ArrayList<>();
    for (String name : names) {
      List<Case> named = cases.stream().filter(c -> c.name.equals(name)).toList();
      if (named.isEmpty()) {
        throw new IllegalStateException("no golden case " + name);
      }
      found.addAll(named);
    }
    return found;
  }

  /**
   * One call of {@code generate}.
   *
   * @param prompts one an image, or null for none
   * @param arguments of {@code generate}
   * @param newIds what was generated, rows filled up behind their end
   * @param smallestGap least difference between best and second best score at any step
   */
  public record Case(
      String name,
      List<String> images,
      @Nullable List<String> prompts,
      JsonNode arguments,
      List<List<Integer>> newIds,
      List<String> texts,
      @Nullable List<Double> scores,
      double smallestGap) {
    static Case of(JsonNode node) {
      boolean whole = !node.has("new_ids"); // with the start token in front
      List<List<Integer>> ids = new ArrayList<>();
      for (JsonNode row : node.get(whole ? "sequences" : "new_ids")) {
        List<Integer> list = new ArrayList<>();
        row.forEach(id -> list.add(id.intValue()));
        ids.add(whole ? list.subList(1, list.size()) : list);
      }
      return new Case(
          node.get("case").textValue(),
          texts(node.get("images")),
          node.path("prompts").isEmpty() ? null : texts(node.get("prompts")),
          node.get("arguments"),
          ids,
          texts(node.get("texts")),
          scores(node.get("sequences_scores")),
          node.get("smallest_gap").doubleValue());
    }

    private static @Nullable List<Double> scores(JsonNode array) {
      if (array.isNull()) {
        return null;
      }
      List<Double> list = new ArrayList<>();
      array.forEach(v -> list.add(v.doubleValue()));
      return list;
    }

    /** The arguments as our options. */
    public GenerationOptions options() {
      GenerationOptionsBuilder options = GenerationOptions.builder();
      for (Map.Entry<String, JsonNode> argument : arguments.properties()) {
        JsonNode value = argument.getValue();
        switch (argument.getKey()) {
          case "max_new_tokens" -> options.maxNewTokens(value.intValue());
          case "min_new_tokens" -> options.minNewTokens(value.intValue());
          case "max_length" -> options.maxNewTokens(value.intValue() - 1); // a start token counts
          case "min_length" -> options.minNewTokens(value.intValue() - 1);
          case "num_beams" -> options.numBeams(value.intValue());
          case "num_return_sequences" -> options.numReturnSequences(value.intValue());
          case "length_penalty" -> options.lengthPenalty(value.doubleValue());
          case "early_stopping" -> options.earlyStopping(EarlyStopping.parse(value.asText()));
          case "repetition_penalty" -> options.repetitionPenalty(value.doubleValue());
          case "no_repeat_ngram_size" -> options.noRepeatNgramSize(value.intValue());
          case "bad_words_ids" -> options.badWordsIds(words(value));
          default -> throw new IllegalStateException("unknown argument " + argument.getKey());
        }
      }
      return options.build();
    }

    private static List<List<Integer>> words(JsonNode array) {
      List<List<Integer>> words = new ArrayList<>();
      for (JsonNode word : array) {
        List<Integer> ids = new ArrayList<>();
        word.forEach(id -> ids.add(id.intValue()));
        words.add(ids);
      }
      return words;
    }

    private static List<String> texts(JsonNode array) {
      List<String> list = new ArrayList<>();
      array.forEach(v -> list.add(v.textValue()));
      return list;
    }

    /** The row without what fills it up: everything behind the first end token. */
    public List<Integer> expected(int row, List<Integer> endTokens) {
      List<Integer> ids = newIds.get(row);
      for (int i = 0; i < ids.size(); i++) {
        if (endTokens.contains(ids.get(i))) {
          return ids.subList(0, i + 1);
        }
      }
      return ids;
    }

    @Override
    public String toString() {
      return name + " " + images + (prompts == null ? "" : " " + prompts);
    }
  }
}
