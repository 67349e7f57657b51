package io.github.blip2j.server;

import io.github.blip2j.Blip2;
import io.github.blip2j.image.ImageSource;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;

/** The built-in model's scenes as images that a server finds, by BLIP-2's own similarity. */
record SceneSearch(Blip2 matcher) implements ImageSearch {
  @Override
  public int images() {
    return Demo.SCENES;
  }

  @Override
  public List<Found> find(String text, int most) {
    return IntStream.range(0, Demo.SCENES)
        .mapToObj(i -> new Found("scene " + i, similarity(i, text), Demo.scene(i)))
        .sorted(Comparator.comparingDouble(Found::similarity).reversed())
        .limit(most)
        .toList();
  }

  /** The largest cosine of a text's vector and any of a scene's. */
  double similarity(int scene, String text) {
    float[] embedding = matcher.embedder().text(text).embedding();
    double best = -1;
    for (float[] query : matcher.encode(ImageSource.of(Demo.scene(scene))).projected()) {
      double sum = 0;
      for (int i = 0; i < embedding.length; i++) {
        sum += query[i] * embedding[i];
      }
      best = Math.max(best, sum);
    }
    return best;
  }
}
