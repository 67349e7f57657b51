package io.github.blip2j.checkpoint;

import io.github.blip2j.files.WeightTensor;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * From LAVIS's names of tensors to Transformers'. Source: LAVIS, {@code blip2_qformer.py}, {@code
 * eva_vit.py} and {@code clip_vit.py}.
 */
final class LavisNames {
  /** What stage 2 trains beside the Q-Former. */
  private static final List<String> SECOND = List.of("opt_proj.", "t5_proj.", "llm_proj.");

  /** Names, or beginnings of names, of what is not used. */
  private static final List<String> UNUSED =
      List.of(
          "temp",
          "Qformer.bert.embeddings.position_ids",
          "visual_encoder.proj",
          "visual_encoder.ln_post.",
          "visual_encoder.fc_norm.",
          "visual_encoder.head.");

  /** Parts of names, in the order in which they are replaced. */
  private static final Map<String, String> PARTS = new LinkedHashMap<>();

  static {
    PARTS.put("Qformer.cls.", "cls.");
    PARTS.put("Qformer.bert.embeddings.LayerNorm.", "qformer.layernorm.");
    PARTS.put("Qformer.bert.embeddings.", "embeddings.");
    PARTS.put("Qformer.bert.", "qformer.");
    PARTS.put("attention.self.", "attention.attention.");
    PARTS.put("vision_proj.", "vision_projection.");
    PARTS.put("text_proj.", "text_projection.");
    PARTS.put("ln_vision.", "vision_model.post_layernorm.");
    PARTS.put("visual_encoder.cls_token", "vision_model.embeddings.class_embedding");
    PARTS.put("visual_encoder.pos_embed", "vision_model.embeddings.position_embedding");
    PARTS.put("visual_encoder.patch_embed.proj.", "vision_model.embeddings.patch_embedding.");
    PARTS.put("visual_encoder.blocks.", "vision_model.encoder.layers.");
    PARTS.put("visual_encoder.class_embedding", "vision_model.embeddings.class_embedding");
    PARTS.put("visual_encoder.positional_embedding", "vision_model.embeddings.position_embedding");
    PARTS.put("visual_encoder.conv1.", "vision_model.embeddings.patch_embedding.");
    PARTS.put("visual_encoder.ln_pre.", "vision_model.pre_layernorm.");
    PARTS.put("visual_encoder.transformer.resblocks.", "vision_model.encoder.layers.");
  }

  /** The same within a block of the vision encoder. */
  private static final Map<String, String> BLOCK =
      Map.ofEntries(
          Map.entry("norm1.", "layer_norm1."),
          Map.entry("norm2.", "layer_norm2."),
          Map.entry("ln_1.", "layer_norm1."),
          Map.entry("ln_2.", "layer_norm2."),
          Map.entry("attn.qkv.", "self_attn.qkv."),
          Map.entry("attn.q_bias", "self_attn.q_bias"),
          Map.entry("attn.v_bias", "self_attn.v_bias"),
          Map.entry("attn.proj.", "self_attn.projection."),
          Map.entry("attn.in_proj_", "self_attn.qkv."),
          Map.entry("attn.out_proj.", "self_attn.projection."),
          Map.entry("mlp.c_fc.", "mlp.fc1."),
          Map.entry("mlp.c_proj.", "mlp.fc2."));

  private LavisNames() {}

  static boolean isOfSecondStage(String name) {
    return SECOND.stream().anyMatch(name::startsWith);
  }

  /** Transformers' name; empty for what is not used. */
  static String renamed(String name) {
    if (UNUSED.stream().anyMatch(u -> u.endsWith(".") ? name.startsWith(u) : name.equals(u))) {
      return "";
    }
    String renamed = name;
    for (Map.Entry<String, String> part : PARTS.entrySet()) {
      renamed = renamed.replace(part.getKey(), part.getValue());
    }
    if (renamed.startsWith("vision_model.encoder.layers.")) {
      for (Map.Entry<String, String> part : BLOCK.entrySet()) {
        int at = renamed.indexOf("." + part.getKey());
        if (at >= 0) { // of each name one part is another
          String behind = renamed.substring(at + 1 + part.getKey().length());
          return renamed.substring(0, at + 1) + part.getValue() + behind;
        }
      }
    }
    return renamed;
  }

  /** CLIP's class and position vectors lack axes of size 1 in front. */
  static WeightTensor shaped(WeightTensor tensor) {
    int axes = tensor.name().startsWith("vision_model.embeddings.") ? 3 : 0;
    if (tensor.shape().size() >= axes || tensor.name().contains("patch_embedding")) {
      return tensor;
    }
    List<Long> shape = new ArrayList<>(tensor.shape());
    while (shape.size() < axes) {
      shape.add(0, 1L);
    }
    return new WeightTensor(
        tensor.name(), tensor.dtype(), shape, tensor.file(), tensor.offset(), tensor.bytes());
  }
}
