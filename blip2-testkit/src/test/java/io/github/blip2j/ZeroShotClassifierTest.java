package io.github.blip2j;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.blip2j.image.ImageSource;
import io.github.blip2j.retrieval.ScoredLabel;
import io.github.blip2j.testkit.Fixtures;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;

class ZeroShotClassifierTest {
  /** However small their probabilities, which become equal long before their scores do. */
  @Test
  void aTemperatureLeavesTheOrderAsItIs() {
    ImageSource photo = ImageSource.of(Fixtures.image("photo.jpg"));
    List<String> labels = List.of("a cat", "two dogs", "a house", "the sea", "a red cup");
    List<String> templates = List.of("a photo of {}");
    try (Blip2 blip2 = Blip2.load(Fixtures.directory("tiny-itm"))) {
      List<String> order = labels(blip2.zeroShotClassifier(labels, templates).classify(photo));
      List<String> worstFirst = new ArrayList<>(order);
      Collections.reverse(worstFirst);
      List<ScoredLabel> cold =
          blip2.zeroShotClassifier(worstFirst, templates).withTemperature(1e-7).classify(photo);
      assertThat(cold).filteredOn(label -> label.probability() == 0).hasSizeGreaterThan(2);
      assertThat(labels(cold)).isEqualTo(order);
    }
  }

  private static List<String> labels(List<ScoredLabel> scored) {
    return scored.stream().map(ScoredLabel::label).toList();
  }
}
