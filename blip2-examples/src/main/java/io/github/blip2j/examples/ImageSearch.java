package io.github.blip2j.examples;

import io.github.blip2j.Blip2;
import io.github.blip2j.core.Capability;
import io.github.blip2j.core.UnreadableImageException;
import io.github.blip2j.image.ImageSource;
import io.github.blip2j.search.Blip2Index;
import io.github.blip2j.search.Hit;
import io.github.blip2j.search.SearchOptions;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/**
 * Finds images by what they show: a folder is indexed once, and then searched as often as one
 * likes. Needs a checkpoint that matches images and texts, such as Salesforce/blip2-itm-vit-g.
 */
public final class ImageSearch {
  private ImageSearch() {}

  /**
   * Indexes a folder and prints the best images for a text.
   *
   * @param arguments a checkpoint directory or a downloaded model's name, a folder of images, a
   *     folder for the index, and a text
   */
  public static void main(String[] arguments) throws IOException {
    Path index = Path.of(arguments[2]);
    try (Blip2 blip2 = Blip2.load(arguments[0])) {
      if (!blip2.capabilities().contains(Capability.MATCH)) {
        throw new IllegalArgumentException(arguments[0] + " does not match images and texts");
      }
      System.out.println(index(blip2, Path.of(arguments[1]), index) + " images indexed");
      for (Hit hit : search(blip2, index, arguments[3])) {
        System.out.println(hit.id() + " " + hit.similarity());
      }
    }
  }

  /** Puts a folder's images into an index under their paths; gives how many there are. */
  static int index(Blip2 blip2, Path folder, Path directory) throws IOException {
    try (Blip2Index index = Blip2Index.open(directory, blip2);
        DirectoryStream<Path> files = Files.newDirectoryStream(folder)) {
      for (Path file : files) {
        try {
          // An image that is there under this id already is replaced. Fields may be searched too.
          Map<String, String> fields = Map.of("folder", folder.toString());
          index.addImage(file.toString(), ImageSource.of(file), fields);
        } catch (UnreadableImageException e) {
          System.err.println(e.getMessage()); // no image, or a damaged one
        }
      }
      index.commit(); // from now on others find them
      return index.images();
    }
  }

  /**
   * The best three of the ten most similar: vectors propose, and the model that reads an image and
   * a text together decides.
   */
  static List<Hit> search(Blip2 blip2, Path directory, String text) {
    try (Blip2Index index = Blip2Index.openReadOnly(directory, blip2)) {
      return index.images(text, SearchOptions.best(3), 10, id -> ImageSource.of(Path.of(id)));
    }
  }
}
