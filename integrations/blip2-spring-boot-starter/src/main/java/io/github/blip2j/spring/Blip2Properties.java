package io.github.blip2j.spring;

import io.github.blip2j.Blip2;
import io.github.blip2j.Blip2Builder;
import io.github.blip2j.core.Device;
import io.github.blip2j.core.Precision;
import java.nio.file.Path;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.util.unit.DataSize;

/**
 * How the {@link Blip2} bean is loaded. What is left out is as {@link Blip2Builder} has it.
 *
 * @param model a checkpoint directory, or owner/name of a model of the Hub
 * @param revision branch, tag or commit of a model of the Hub
 * @param download whether a model that is not on this machine is downloaded
 * @param adapter a directory or Hub name of a PEFT adapter
 * @param backend such as onnx or djl
 * @param device auto, cpu, cuda or cuda:1
 * @param threads of one forward pass on a CPU
 * @param precision of the weights, such as float32, int8 or int4
 * @param cacheDirectory where derived files are kept
 * @param load when the model is loaded: eager, as the application starts, or lazy, with its first
 *     use
 * @param imageCache most memory of the cache of encoded images; 0 switches it off
 * @param prefixCache most memory of the cache of images' beginnings; 0 switches it off
 * @param concurrency how requests share the model
 */
@ConfigurationProperties("blip2")
public record Blip2Properties(
    @Nullable String model,
    @Nullable String revision,
    @DefaultValue("false") boolean download,
    @Nullable String adapter,
    @Nullable String backend,
    @Nullable String device,
    @Nullable Integer threads,
    @Nullable String precision,
    @Nullable Path cacheDirectory,
    @DefaultValue("eager") Load load,
    @DefaultValue("64MB") DataSize imageCache,
    @Nullable DataSize prefixCache,
    @DefaultValue Concurrency concurrency) {
  /** When the model is loaded. */
  public enum Load {
    /** As the application starts. */
    EAGER,
    /** With its first use. */
    LAZY
  }

  /**
   * How requests share the model.
   *
   * @param rows texts that take their steps together; 0 for each request by itself
   * @param waiting texts that may wait beside them; one more is refused
   */
  public record Concurrency(@DefaultValue("8") int rows, @DefaultValue("64") int waiting) {}

  /** Tells a builder all of it. */
  void apply(Blip2Builder builder) {
    set(builder, model, Blip2Builder::model);
    set(builder, revision, Blip2Builder::revision);
    set(builder, adapter, Blip2Builder::adapter);
    set(builder, backend, Blip2Builder::backend);
    set(builder, device, (b, name) -> b.device(Device.parse(name)));
    set(builder, threads, Blip2Builder::threads);
    set(builder, precision, (b, name) -> b.precision(Precision.parse(name)));
    set(builder, cacheDirectory, Blip2Builder::cacheDirectory);
    set(builder, prefixCache, (b, size) -> b.prefixCache(size.toBytes()));
    builder.download(download).imageCache(imageCache.toBytes());
    if (concurrency.rows() > 0) {
      builder.concurrency(concurrency.rows(), concurrency.waiting());
    }
  }

  private static <T> void set(
      Blip2Builder builder, @Nullable T value, BiConsumer<Blip2Builder, T> setter) {
    if (value != null) {
      setter.accept(builder, value);
    }
  }
}
