package io.github.blip2j.examples;

import io.github.blip2j.Blip2;
import io.github.blip2j.core.UnreadableImageException;
import io.github.blip2j.generation.GeneratedText;
import io.github.blip2j.image.EncodedImage;
import io.github.blip2j.image.ImageSource;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/**
 * Captions of all images of a folder in a file, a line each. Several captions are written at a
 * time, since a step of the language model reads all its weights, for one text or for eight.
 */
public final class BatchCaptions {
  private static final int TOGETHER = 8;

  private BatchCaptions() {}

  /**
   * Writes them.
   *
   * @param arguments a checkpoint directory or a downloaded model's name, a folder of images, and
   *     the file to write
   */
  public static void main(String[] arguments) throws IOException {
    List<Path> images;
    try (Stream<Path> files = Files.list(Path.of(arguments[1]))) {
      images = files.sorted().toList();
    }
    try (Blip2 blip2 = Blip2.load(arguments[0]);
        PrintWriter out = new PrintWriter(Path.of(arguments[2]).toFile(), StandardCharsets.UTF_8)) {
      for (int start = 0; start < images.size(); start += TOGETHER) {
        caption(blip2, images.subList(start, Math.min(start + TOGETHER, images.size())), out);
      }
      if (out.checkError()) {
        throw new IOException(arguments[2] + ": cannot be written");
      }
    }
  }

  /** A line of path, tab and caption for each image that can be read. */
  static void caption(Blip2 blip2, List<Path> files, PrintWriter out) {
    List<Path> readable = new ArrayList<>();
    List<EncodedImage> encoded = new ArrayList<>();
    for (Path file : files) {
      try {
        encoded.add(blip2.encode(ImageSource.of(file)));
        readable.add(file);
      } catch (UnreadableImageException e) { // the other seven need not suffer for it
        System.err.println(e.getMessage());
      }
    }
    List<GeneratedText> captions = blip2.captioner().caption(encoded);
    for (int i = 0; i < captions.size(); i++) {
      out.println(readable.get(i) + "\t" + captions.get(i).text());
    }
  }
}
