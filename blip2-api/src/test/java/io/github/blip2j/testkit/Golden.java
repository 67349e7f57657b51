package io.github.blip2j.testkit;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.blip2j.checkpoint.Checkpoint;
import io.github.blip2j.checkpoint.WeightTensor;
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
    tensors =
        Checkpoint.tensorsOf(checkpoint.resolve("golden.safetensors")).stream()
            .collect(Collectors.toMap(WeightTensor::name, t -> t));
    cases = new ArrayList<>();
    try {
      JsonNode root =
          new ObjectMapper().readTree(Files.readAllBytes(checkpoint.resolve("golden.json")));
      root.get("cases").forEach(node -> cases.add(Case.of(node)));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** A stage's result, such as {@code landscape.png/vision}. */
  public float[] tensor(String name) {
    return Objects.requireNonNull(tensors.get(name), name).floats();
  }

  /** Names of all tensors that end so. */
  public List<String> endingWith(String suffix) {
    return tensors.keySet().stream().filter(n -> n.endsWith(suffix)).sorted().toList();
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
   * @param prompts one a picture, or null for none
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
      double smallestGap) {
    static Case of(JsonNode node) {
      List<List<Integer>> ids = new ArrayList<>();
      for (JsonNode row : node.get("new_ids")) {
        List<Integer> list = new ArrayList<>();
        row.forEach(id -> list.add(id.intValue()));
        ids.add(list);
      }
      return new Case(
          node.get("case").textValue(),
          texts(node.get("images")),
          node.get("prompts").isNull() ? null : texts(node.get("prompts")),
          node.get("arguments"),
          ids,
          texts(node.get("texts")),
          node.get("smallest_gap").doubleValue());
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
