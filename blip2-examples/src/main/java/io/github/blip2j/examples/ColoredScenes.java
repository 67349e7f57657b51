package io.github.blip2j.examples;

import io.github.blip2j.image.ImageSource;
import io.github.blip2j.train.TrainingExample;
import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.awt.geom.Ellipse2D;
import java.awt.geom.Path2D;
import java.awt.image.BufferedImage;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;

/**
 * Scenes of one to three coloured shapes with their captions, as the built-in demo model knows
 * them, and one colour more.
 */
final class ColoredScenes {
  /**
   * A colour.
   *
   * @param word its name in captions
   * @param red 0 to 255
   * @param green 0 to 255
   * @param blue 0 to 255
   */
  public record Paint(String word, int red, int green, int blue) {
    private boolean seenOn(Ground ground) {
      int[] apart = {red - ground.level, green - ground.level, blue - ground.level};
      return Arrays.stream(apart).map(Math::abs).max().orElse(0) > 60;
    }
  }

  /** Those that the demo model knows. */
  private static final List<Paint> KNOWN =
      List.of(
          new Paint("red", 210, 40, 40),
          new Paint("green", 40, 160, 60),
          new Paint("blue", 45, 75, 215),
          new Paint("yellow", 240, 215, 40),
          new Paint("purple", 140, 50, 170),
          new Paint("orange", 240, 130, 25));

  private enum Form {
    CIRCLE,
    SQUARE,
    TRIANGLE,
    STAR
  }

  private enum Ground {
    WHITE(248),
    GRAY(150),
    BLACK(16);

    private final int level;

    Ground(int level) {
      this.level = level;
    }
  }

  private static final int SIDE = 112;

  private final Random random;
  private final Paint added;
  private final List<Paint> paints;

  /**
   * An endless row of scenes.
   *
   * @param seed from which all follows
   * @param added a colour beside those that the demo model knows
   */
  public ColoredScenes(long seed, Paint added) {
    this.random = new Random(seed);
    this.added = added;
    this.paints = Stream.concat(KNOWN.stream(), Stream.of(added)).toList();
  }

  /**
   * A scene.
   *
   * @param image of 112 pixels
   * @param caption what the model should write about it
   */
  public record Scene(BufferedImage image, String caption) {
    /**
     * As an example to learn from.
     *
     * @return image and caption, without a prompt
     */
    public TrainingExample example() {
      return TrainingExample.caption(ImageSource.of(image), caption);
    }
  }

  /** A shape; places and radius are shares of the image's side. */
  private record Shape(Form form, Paint paint, double x, double y, double r) {
    /** Apart from another, no twin of it, and no doubt about where it stands. */
    boolean clearOf(Shape o) {
      double dx = Math.abs(x - o.x);
      double dy = Math.abs(y - o.y);
      return Math.hypot(dx, dy) >= (r + o.r) * 1.3
          && dx >= 0.07
          && Math.abs(dx - dy) >= 0.08
          && !(form == o.form && paint == o.paint);
    }
  }

  /**
   * Scenes with their captions.
   *
   * @param count how many
   * @param withAdded whether each has a shape of the added colour, or none has
   * @return the next ones
   */
  public List<Scene> next(int count, boolean withAdded) {
    List<Scene> scenes = new ArrayList<>();
    while (scenes.size() < count) {
      List<Shape> shapes = layout();
      Ground ground = Ground.values()[random.nextInt(Ground.values().length)];
      if (shapes.stream().anyMatch(s -> s.paint() == added) == withAdded
          && shapes.stream().allMatch(s -> s.paint().seenOn(ground))) {
        scenes.add(new Scene(drawn(ground, shapes), caption(ground, shapes)));
      }
    }
    return scenes;
  }

  private List<Shape> layout() {
    while (true) {
      int[] counts = {1, 1, 2, 2, 2, 2, 3, 3, 3, 3};
      int count = counts[random.nextInt(counts.length)];
      List<Shape> shapes = new ArrayList<>();
      for (int attempt = 0; attempt < 60 && shapes.size() < count; attempt++) {
        double r = (0.14 + 0.06 * random.nextDouble()) * (count == 1 ? 1.2 : 1);
        Shape shape =
            new Shape(
                Form.values()[random.nextInt(Form.values().length)],
                paints.get(random.nextInt(paints.size())),
                r * 1.3 + random.nextDouble() * (1 - 2.6 * r),
                r * 1.3 + random.nextDouble() * (1 - 2.6 * r),
                r);
        if (shapes.stream().allMatch(shape::clearOf)) {
          shapes.add(shape);
        }
      }
      if (shapes.size() == count) {
        shapes.sort(Comparator.comparingDouble(Shape::x));
        return shapes;
      }
    }
  }

  private BufferedImage drawn(Ground ground, List<Shape> shapes) {
    BufferedImage image = new BufferedImage(SIDE, SIDE, BufferedImage.TYPE_INT_RGB);
    Graphics2D pen = image.createGraphics();
    pen.setRenderingHint(RenderingHints.KEY_ANTIALIASING, RenderingHints.VALUE_ANTIALIAS_ON);
    pen.setColor(near(7, ground.level, ground.level, ground.level));
    pen.fillRect(0, 0, SIDE, SIDE);
    for (Shape shape : shapes) {
      pen.setColor(near(12, shape.paint().red(), shape.paint().green(), shape.paint().blue()));
      pen.fill(outline(shape, 0.2 * random.nextDouble() - 0.1));
    }
    pen.dispose();
    return image;
  }

  private Color near(int most, int... rgb) {
    int[] levels = new int[3];
    for (int i = 0; i < 3; i++) {
      levels[i] = Math.max(0, Math.min(255, rgb[i] + random.nextInt(2 * most + 1) - most));
    }
    return new Color(levels[0], levels[1], levels[2]);
  }

  private static java.awt.Shape outline(Shape shape, double turn) {
    double r = shape.r() * SIDE;
    double x = shape.x() * SIDE;
    double y = shape.y() * SIDE;
    return switch (shape.form()) {
      case CIRCLE -> new Ellipse2D.Double(x - r, y - r, 2 * r, 2 * r);
      case SQUARE -> polygon(x, y, turn + Math.PI / 4, 1.2 * r, 1.2 * r, 4);
      case TRIANGLE -> polygon(x, y, turn - Math.PI / 2, 1.25 * r, 1.25 * r, 3);
      case STAR -> polygon(x, y, turn - Math.PI / 2, 1.25 * r, 0.5 * r, 10);
    };
  }

  /** Corners in turn at two distances from the middle. */
  private static Path2D polygon(double... p) {
    Path2D path = new Path2D.Double();
    int corners = (int) p[5];
    for (int i = 0; i < corners; i++) {
      double angle = p[2] + 2 * Math.PI * i / corners;
      double far = i % 2 == 0 ? p[3] : p[4];
      double x = p[0] + far * Math.cos(angle);
      double y = p[1] + far * Math.sin(angle);
      if (i == 0) {
        path.moveTo(x, y);
      } else {
        path.lineTo(x, y);
      }
    }
    path.closePath();
    return path;
  }

  private String caption(Ground ground, List<Shape> shapes) {
    String first = words(shapes.get(0));
    if (shapes.size() == 1) {
      return first + " on a " + lower(ground) + " background";
    }
    String second = words(shapes.get(1));
    if (shapes.size() == 2) {
      return first + " " + relation(shapes.get(0), shapes.get(1)) + " " + second;
    }
    return first + ", " + second + " and " + words(shapes.get(2));
  }

  private String words(Shape shape) {
    String color = shape.paint().word();
    return ("aeiou".indexOf(color.charAt(0)) < 0 ? "a " : "an ")
        + color
        + " "
        + lower(shape.form());
  }

  private static String relation(Shape a, Shape b) {
    double dx = a.x() - b.x();
    double dy = a.y() - b.y();
    if (Math.abs(dx) >= Math.abs(dy)) {
      return dx < 0 ? "to the left of" : "to the right of";
    }
    return dy < 0 ? "above" : "below";
  }

  private static String lower(Enum<?> value) {
    return value.name().toLowerCase(java.util.Locale.ROOT);
  }
}
