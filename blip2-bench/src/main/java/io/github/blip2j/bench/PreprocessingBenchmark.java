package io.github.blip2j.bench;

import io.github.blip2j.internal.image.ImageProcessor;
import io.github.blip2j.internal.image.raster.RgbImage;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/** Resizing and normalising one decoded image to 224 × 224. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
@SuppressWarnings("NullAway.Init")
public class PreprocessingBenchmark {
  /** Pixels of the image, 4:3. */
  @Param({"640x480", "4000x3000"})
  public String size;

  private RgbImage image;
  private ImageProcessor processor;

  /** Makes an image of noise. */
  @Setup
  public void prepare() {
    String[] sides = size.split("x");
    int width = Integer.parseInt(sides[0]);
    int height = Integer.parseInt(sides[1]);
    byte[] rgb = new byte[3 * width * height];
    new Random(1).nextBytes(rgb);
    image = new RgbImage(width, height, rgb);
    processor = PreprocessCommand.published();
  }

  /**
   * One image.
   *
   * @return pixels (3,224,224)
   */
  @Benchmark
  public float[] resizeAndNormalise() {
    return processor.process(image);
  }
}
