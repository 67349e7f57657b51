package io.github.blip2j.cli;

import io.github.blip2j.Blip2;
import io.github.blip2j.search.Blip2Index;
import io.github.blip2j.search.Hit;
import io.github.blip2j.search.IndexException;
import io.github.blip2j.search.SearchOptions;
import io.github.blip2j.server.ImageSearch;
import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import javax.imageio.ImageIO;

/**
 * An index of {@code blip2 index} as a server searches it: each hit with a small image of the file
 * that it was added from, as long as that is there and Java can read its format. Owns the index.
 */
final class IndexSearch implements ImageSearch, AutoCloseable {
  private static final int SIDE = 384; // as much as published checkpoints look at

  private final Blip2Index index;

  /**
   * Opens one.
   *
   * @param directory of the index
   * @param blip2 the model that filled it; stays its caller's
   */
  IndexSearch(Path directory, Blip2 blip2) {
    index = Blip2Index.openReadOnly(directory, blip2);
  }

  @Override
  public int images() {
    return index.images();
  }

  @Override
  public List<Found> find(String text, int most) {
    try {
      List<Hit> hits = index.images(text, SearchOptions.best(most));
      return hits.stream().map(IndexSearch::found).toList();
    } catch (IndexException e) {
      throw new IllegalStateException("the index cannot be searched", e);
    }
  }

  private static Found found(Hit hit) {
    return new Found(Inputs.name(hit.id()), hit.similarity(), small(hit.id()));
  }

  private static byte[] small(String id) {
    try {
      Path file = Inputs.path(id);
      BufferedImage image = Files.isRegularFile(file) ? ImageIO.read(file.toFile()) : null;
      return image == null ? new byte[0] : jpeg(image);
    } catch (IOException | IllegalArgumentException e) { // a hit without an image is a hit
      return new byte[0];
    }
  }

  private static byte[] jpeg(BufferedImage image) throws IOException {
    double scale = Math.min(1, (double) SIDE / Math.max(image.getWidth(), image.getHeight()));
    int width = Math.max(1, (int) Math.round(scale * image.getWidth()));
    int height = Math.max(1, (int) Math.round(scale * image.getHeight()));
    BufferedImage small = new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
    Graphics2D pen = small.createGraphics();
    pen.setRenderingHint(
        RenderingHints.KEY_INTERPOLATION, RenderingHints.VALUE_INTERPOLATION_BICUBIC);
    pen.drawImage(image, 0, 0, width, height, null);
    pen.dispose();
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    ImageIO.write(small, "jpg", bytes);
    return bytes.toByteArray();
  }

  @Override
  public void close() {
    index.close();
  }
}
