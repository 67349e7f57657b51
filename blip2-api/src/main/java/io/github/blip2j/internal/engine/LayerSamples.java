package io.github.blip2j.internal.engine;

import io.github.blip2j.core.CheckpointException;
import io.github.blip2j.spi.LayerInputs;
import io.github.blip2j.stage.LayerTaps;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.jspecify.annotations.Nullable;

/**
 * An even sample of what layers were given, in a file that goes when it is closed: of each tap at
 * most {@link #MOST} vectors, however many texts there were (reservoir sampling, Vitter 1985,
 * algorithm R), drawn alike in every run. Adding is for one thread; reading for many.
 */
public final class LayerSamples implements LayerInputs, AutoCloseable {
  /** Vectors that are kept of each tap. */
  public static final int MOST = 512;

  private final FileChannel file;
  private final Path place;
  private final Map<String, Reservoir> byLayer = new HashMap<>();
  private final List<Reservoir> taps;
  private @Nullable Reservoir lastRead;
  private @Nullable Samples last;

  /**
   * Begins a file.
   *
   * @param folder is created; needs room for 2 KB times the width of each tap
   * @throws CheckpointException if nothing can be written there
   */
  public LayerSamples(LayerTaps layers, Path folder) {
    long offset = 0;
    List<Reservoir> all = new ArrayList<>();
    for (LayerTaps.Tap tap : layers.taps()) {
      Reservoir reservoir = new Reservoir(tap.width(), offset, new Random(all.size()));
      offset += (long) MOST * tap.width() * Float.BYTES;
      tap.layers().forEach(layer -> byLayer.put(layer, reservoir));
      all.add(reservoir);
    }
    taps = List.copyOf(all);
    try {
      Files.createDirectories(folder);
      place = Files.createTempFile(folder, "calibration", ".samples");
      file =
          FileChannel.open(
              place,
              StandardOpenOption.READ,
              StandardOpenOption.WRITE,
              StandardOpenOption.DELETE_ON_CLOSE);
    } catch (IOException e) {
      throw new CheckpointException(folder + ": cannot be written: " + e, e);
    }
  }

  /** A tap's part of the file. */
  private static final class Reservoir {
    private final int width;
    private final long offset;
    private final Random random;
    private int seen;

    private Reservoir(int width, long offset, Random random) {
      this.width = width;
      this.offset = offset;
      this.random = random;
    }

    /** Where the next vector goes, or −1. */
    private int slot() {
      int slot = seen < MOST ? seen : random.nextInt(seen + 1);
      seen++;
      return slot < MOST ? slot : -1;
    }

    private int count() {
      return Math.min(seen, MOST);
    }
  }

  /**
   * Takes a sample of what was heard of a text.
   *
   * @param again whether the text before was about the same image, whose positions need not be
   *     counted twice
   * @throws CheckpointException if the file cannot be written
   */
  public void add(LayerListening.Heard heard, boolean again) {
    for (int i = 0; i < taps.size(); i++) {
      Reservoir tap = taps.get(i);
      float[] vectors = heard.taps()[i];
      int count = vectors.length / tap.width;
      for (int v = again && count == heard.span() ? heard.front() : 0; v < count; v++) {
        int slot = tap.slot();
        if (slot >= 0) {
          write(tap, slot, vectors, v);
        }
      }
    }
  }

  private void write(Reservoir tap, int slot, float[] vectors, int vector) {
    ByteBuffer bytes = ByteBuffer.allocate(tap.width * Float.BYTES).order(ByteOrder.nativeOrder());
    bytes.asFloatBuffer().put(vectors, vector * tap.width, tap.width);
    long at = tap.offset + (long) slot * bytes.capacity();
    try {
      while (bytes.hasRemaining()) {
        at += file.write(bytes, at);
      }
    } catch (IOException e) {
      throw new CheckpointException(place + ": cannot be written: " + e, e);
    }
  }

  @Override
  public synchronized Optional<Samples> of(String weight) {
    Reservoir tap = byLayer.get(weight);
    if (tap == null || tap.seen == 0) {
      return Optional.empty();
    }
    if (tap != lastRead) {
      last = new Samples(tap.count(), tap.width, read(tap));
      lastRead = tap;
    }
    return Optional.ofNullable(last);
  }

  private float[] read(Reservoir tap) {
    float[] values = new float[tap.count() * tap.width];
    ByteBuffer bytes =
        ByteBuffer.allocate(values.length * Float.BYTES).order(ByteOrder.nativeOrder());
    try {
      while (bytes.hasRemaining()) {
        if (file.read(bytes, tap.offset + bytes.position()) < 0) {
          throw new IOException("it has become shorter");
        }
      }
    } catch (IOException e) {
      throw new CheckpointException(place + ": cannot be read: " + e, e);
    }
    bytes.flip();
    bytes.asFloatBuffer().get(values);
    return values;
  }

  @Override
  public void close() {
    try {
      file.close();
    } catch (IOException e) {
      throw new CheckpointException(place + ": cannot be removed: " + e, e);
    }
  }
}
