package io.github.blip2j.examples;

import io.github.blip2j.Blip2;
import io.github.blip2j.image.ImageSource;
import io.github.blip2j.retrieval.Match;
import io.github.blip2j.search.Blip2Index;
import io.github.blip2j.search.Hit;
import io.github.blip2j.search.SearchOptions;
import java.nio.file.Path;
import java.util.Map;

/** Matching and search with a checkpoint such as blip2-itm-vit-g, as in the README. */
public final class SearchExample {
  private SearchExample() {}

  /**
   * Matches an image with a text, indexes it and finds it.
   *
   * @param arguments a checkpoint directory, an image, and an empty directory for the index
   */
  public static void main(String[] arguments) {
    search(arguments[0], arguments[1], arguments[2]);
  }

  static void search(String model, String imageFile, String directory) {
    try (Blip2 blip2 = Blip2.load(model);
        Blip2Index index = Blip2Index.open(Path.of(directory), blip2)) {
      ImageSource image = ImageSource.of(Path.of(imageFile));
      Match match = blip2.matcher().match(image, "a cup of coffee");
      System.out.println(match.itmProbability() + " " + match.itcSimilarity());
      index.addImage(imageFile, image, Map.of("album", "summer"));
      index.commit();
      for (Hit hit : index.images("a cup of coffee", SearchOptions.best(10))) {
        System.out.println(hit.id() + " " + hit.similarity());
      }
    }
  }
}
