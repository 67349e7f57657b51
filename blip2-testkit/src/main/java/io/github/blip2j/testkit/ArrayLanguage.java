package io.github.blip2j.testkit;

import io.github.blip2j.checkpoint.OptConfig;
import io.github.blip2j.checkpoint.T5Config;
import io.github.blip2j.checkpoint.TextConfig;
import io.github.blip2j.checkpoint.Weights;
import io.github.blip2j.internal.nn.OptDecoder;
import io.github.blip2j.internal.nn.T5Decoder;
import io.github.blip2j.internal.nn.T5Encoder;
import io.github.blip2j.internal.session.EncoderMemory;
import io.github.blip2j.internal.session.Lengths;
import io.github.blip2j.internal.session.RelativeBuckets;
import java.util.Arrays;
import java.util.List;

/** The language model's text of either kind, over arrays. */
interface ArrayLanguage {
  /** What an encoder read: keys and values (B,S,H·d) of each decoder block. */
  final class Memory extends EncoderMemory {
    private final List<ArrayValue> keys;
    private final List<ArrayValue> values;

    Memory(List<ArrayValue> keys, List<ArrayValue> values, Lengths.Step step) {
      super(step);
      this.keys = keys;
      this.values = values;
    }

    List<ArrayValue> keys() {
      return keys;
    }

    List<ArrayValue> values() {
      return values;
    }

    @Override
    protected void free() {}
  }

  Memory read(ArrayValue features, Lengths.Step step);

  ArrayValue write(ArrayOps ops, ArrayValue features, Lengths.Step step);

  static ArrayLanguage of(TextConfig config, Weights weights) {
    return config instanceof T5Config t5
        ? new T5(new RelativeBuckets(t5), T5Encoder.of(t5, weights), T5Decoder.of(t5, weights))
        : new Opt(OptDecoder.of((OptConfig) config, weights));
  }

  private static ArrayValue numbers(long[] values, int rows, int length) {
    double[] data = Arrays.stream(values).asDoubleStream().toArray();
    return new ArrayValue(data, rows, length, data.length / rows / length);
  }

  /** A decoder alone. */
  record Opt(OptDecoder decoder) implements ArrayLanguage {
    @Override
    public Memory read(ArrayValue features, Lengths.Step step) {
      throw new IllegalStateException("OPT has no encoder");
    }

    @Override
    public ArrayValue write(ArrayOps ops, ArrayValue features, Lengths.Step step) {
      int rows = step.ends().length;
      ArrayValue ids = numbers(step.ids(), rows, step.width());
      return decoder.forward(ops, features, ids, numbers(step.places(), rows, step.span()));
    }
  }

  /** Encoder and decoder. */
  record T5(RelativeBuckets buckets, T5Encoder encoder, T5Decoder decoder)
      implements ArrayLanguage {
    @Override
    public Memory read(ArrayValue features, Lengths.Step step) {
      ArrayOps ops = new ArrayOps();
      int rows = step.ends().length;
      ArrayValue ids = numbers(step.ids(), rows, step.width());
      long[] numbers = buckets.encoder(step.ends(), step.span());
      ArrayValue read = encoder.forward(ops, features, ids, numbers(numbers, rows, step.span()));
      return new Memory(
          encoder.memories().stream().map(m -> m.keys(ops, read)).toList(),
          encoder.memories().stream().map(m -> m.values(ops, read)).toList(),
          step);
    }

    @Override
    public ArrayValue write(ArrayOps ops, ArrayValue features, Lengths.Step step) {
      int rows = step.ends().length;
      ArrayValue ids = numbers(step.ids(), rows, step.width());
      return decoder.forward(ops, ids, numbers(buckets.decoder(step), rows, step.span()));
    }
  }
}
