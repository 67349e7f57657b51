package io.github.blip2j.search;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.blip2j.Blip2;
import io.github.blip2j.image.ImageInput;
import io.github.blip2j.image.ImageSource;
import io.github.blip2j.testkit.Fixtures;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Ids and fields that an index cannot keep are refused before anything is computed. */
class NamesTest {
  private static final ImageInput NO_IMAGE = ImageSource.of(new byte[] {1, 2, 3});

  private static void refused(Blip2Index index, String id, Map<String, String> fields, String why) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> index.addImage(id, NO_IMAGE, fields))
        .withMessage(why);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> index.addVectors(id, new float[0][], fields))
        .withMessage(why);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> index.addText(id, "a cat", fields))
        .withMessage(why);
  }

  @Test
  void whatIsTooLongOrHalfACharacterIsNamed(@TempDir Path folder) {
    try (Blip2 blip2 = Blip2.load(Fixtures.directory("tiny-itm"));
        Blip2Index index = Blip2Index.open(folder, blip2)) {
      refused(index, " ", Map.of(), "id ( ) must not be blank");
      refused(
          index,
          "é".repeat(16_381),
          Map.of(),
          "id (of 32762 bytes in UTF-8) must have at most 32760");
      String half = "must be of whole characters, found half of one ";
      refused(index, "a\uD83D", Map.of(), "id " + half + "(U+D83D) at index 1");
      refused(index, "a\uDE00b", Map.of(), "id " + half + "(U+DE00) at index 1");
      refused(index, "a", Map.of("b", "\uD83Dc"), "field b " + half + "(U+D83D) at index 0");
      refused(index, "a", Map.of("\uD83D", "c"), "a field's name " + half + "(U+D83D) at index 0");
      refused(
          index,
          "a",
          Map.of("caption", "語".repeat(10_923)),
          "field caption (of 32769 bytes in UTF-8) must have at most 32766");
      assertThatThrownBy(() -> index.addVectors("a", new float[0][], Map.of()))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessage("vectors (0) must be at least 1");
      assertThat(index.uncommitted()).isZero();
    }
  }

  /** What may be is kept, and given back as it was. */
  @Test
  void theLongestAreKept(@TempDir Path folder) {
    String id = "x".repeat(Names.MOST_OF_ID - 4) + "🙂";
    Map<String, String> fields = Map.of("caption", "語".repeat(Names.MOST / 3));
    try (Blip2 blip2 = Blip2.load(Fixtures.directory("tiny-itm"));
        Blip2Index index = Blip2Index.open(folder, blip2)) {
      index.addImage(id, ImageSource.of(Fixtures.image("photo.jpg")), fields);
      index.addText(id, "a cat", fields);
      index.commit();
      Hit hit = index.images("a cat", SearchOptions.best(1).withFilter(fields)).get(0);
      assertThat(hit.id()).isEqualTo(id);
      assertThat(hit.fields()).isEqualTo(fields);
      assertThat(index.texts()).isEqualTo(1);
    }
  }
}
