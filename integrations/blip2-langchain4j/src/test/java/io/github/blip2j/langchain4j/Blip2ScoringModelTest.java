package io.github.blip2j.langchain4j;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.langchain4j.data.document.Metadata;
import dev.langchain4j.data.segment.TextSegment;
import dev.langchain4j.exception.InvalidRequestException;
import io.github.blip2j.Blip2;
import io.github.blip2j.image.ImageSource;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class Blip2ScoringModelTest {
  private static TextSegment segment(Path file) {
    return TextSegment.from("an image", Metadata.from("file", file.toString()));
  }

  private static ImageSource image(TextSegment segment) {
    return ImageSource.of(Path.of(Objects.requireNonNull(segment.metadata().getString("file"))));
  }

  @Test
  void aSegmentsScoreIsTheProbabilityThatTheQueryDescribesItsImage() {
    try (Blip2 blip2 = Demo.matcher()) {
      Blip2ScoringModel model = new Blip2ScoringModel(blip2, Blip2ScoringModelTest::image);
      List<TextSegment> segments =
          IntStream.range(0, 4).mapToObj(Demo::file).map(Blip2ScoringModelTest::segment).toList();
      List<Double> scores = model.scoreAll(segments, "a red circle").content();
      for (int i = 0; i < 4; i++) {
        assertThat(scores.get(i))
            .isBetween(0.0, 1.0)
            .isEqualTo(blip2.matcher().match(Demo.image(i), "a red circle").itmProbability());
      }
      assertThat(scores).doesNotHaveDuplicates();
      assertThat(model.score(segments.get(1), "a red circle").content()).isEqualTo(scores.get(1));
    }
  }

  @Test
  void anImageThatIsNotThereFailsTheRequest() {
    try (Blip2 blip2 = Demo.matcher()) {
      Blip2ScoringModel model = new Blip2ScoringModel(blip2, Blip2ScoringModelTest::image);
      assertThatThrownBy(() -> model.scoreAll(List.of(segment(Path.of("none.png"))), "a"))
          .isInstanceOf(InvalidRequestException.class)
          .hasMessageContaining("none.png");
    }
  }
}
