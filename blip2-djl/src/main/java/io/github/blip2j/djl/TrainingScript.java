package io.github.blip2j.djl;

import io.github.blip2j.family.LanguageProgram;
import io.github.blip2j.family.ModelProgram;
import io.github.blip2j.spi.TrainingRequest;
import io.github.blip2j.spi.TrainingRequest.LowRankChange;
import io.github.blip2j.stage.Stage;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * The TorchScript class of a training: one method from images and texts to the loss, in which the
 * Q-Former, the encoder and the decoder are the program's own stages, and what AdamW needs.
 */
final class TrainingScript {
  /** Prefix of the encoder's inputs, whose names the decoder has too. */
  static final String READ = "read_";

  private final ModelProgram program;
  private final TrainingOps ops;
  private final List<String> inputs = new ArrayList<>();

  private TrainingScript(ModelProgram program, TrainingOps ops) {
    this.program = program;
    this.ops = ops;
  }

  static byte[] compile(TrainingWeights weights, TrainingRequest request) {
    Map<String, LowRankChange> changes =
        request.changes().stream()
            .collect(Collectors.toMap(c -> c.weight().name(), Function.identity()));
    ModelProgram program = request.model().program();
    TrainingOps ops = new TrainingOps(weights, program.language().decoder(), changes);
    TrainingScript script = new TrainingScript(program, ops);
    String logits = script.logits(script.features(request.input()));
    ScriptParts parts = ScriptParts.read();
    String arguments =
        script.inputs.stream().map(i -> i + ": Tensor, ").collect(Collectors.joining());
    String text =
        parts.part("training", Map.of())
            + parts.part("loss", Map.of("inputs", arguments))
            + ops.body()
            + parts.part("end of the loss", Map.of("logits", logits));
    return ScriptArchive.of(ModelScript.CLASS, text, List.of("weights"), List.of());
  }

  /** The variable of the image features. */
  private String features(TrainingRequest.Input given) {
    if (given == TrainingRequest.Input.FEATURES) {
      inputs.add(LanguageProgram.FEATURES);
      return LanguageProgram.FEATURES;
    }
    inputs.add(ModelProgram.PATCHES);
    return program
        .qformer()
        .apply(ops, Map.of(ModelProgram.PATCHES, ModelProgram.PATCHES))
        .get(1); // queries, projected
  }

  /** Behind the vectors that are asked about. */
  private String logits(String features) {
    LanguageProgram language = program.language();
    if (language.encoder().isPresent()) {
      Stage encoder = language.encoder().get();
      ops.remember(encoder.apply(ops, variables(encoder, READ, features)));
      inputs.add("memory_bias");
    }
    Stage decoder = language.decoder();
    return decoder.apply(ops, variables(decoder, "", features)).get(0); // (L,1,V)
  }

  /** The features are known; all else is an argument. */
  private Map<String, String> variables(Stage stage, String prefix, String features) {
    Map<String, String> variables = new LinkedHashMap<>();
    for (Stage.Input input : stage.inputs()) {
      boolean known = input.name().equals(LanguageProgram.FEATURES);
      variables.put(input.name(), known ? features : prefix + input.name());
      if (!known) {
        inputs.add(prefix + input.name());
      }
    }
    return variables;
  }
}
