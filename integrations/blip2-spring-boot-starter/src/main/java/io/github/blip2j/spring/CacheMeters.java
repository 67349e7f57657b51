package io.github.blip2j.spring;

import io.github.blip2j.Blip2;
import io.github.blip2j.core.CacheStatistics;
import io.github.blip2j.core.Capability;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.binder.MeterBinder;
import java.util.function.Function;
import java.util.function.ToDoubleFunction;

/** The model's caches as meters, {@code blip2.cache.*} by cache; all 0 before it is loaded. */
record CacheMeters(LoadedModels models) implements MeterBinder {
  @Override
  public void bindTo(MeterRegistry registry) {
    bind(registry, "image", Blip2::imageCacheStatistics);
    bind(
        registry,
        "prefix",
        blip2 ->
            blip2.capabilities().contains(Capability.GENERATE)
                ? blip2.prefixCacheStatistics()
                : NOTHING);
  }

  private static final CacheStatistics NOTHING = new CacheStatistics(0, 0, 0, 0, 0);

  private void bind(MeterRegistry registry, String cache, Function<Blip2, CacheStatistics> reader) {
    Tags tags = Tags.of("cache", cache);
    count(registry, tags.and("result", "hit"), meters -> meters.read(reader).hits());
    count(registry, tags.and("result", "miss"), meters -> meters.read(reader).misses());
    Gauge.builder("blip2.cache.bytes", () -> read(reader).bytes())
        .tags(tags)
        .baseUnit("bytes")
        .register(registry);
  }

  /** A registry holds what it counts weakly: this, which the application holds. */
  private void count(MeterRegistry registry, Tags tags, ToDoubleFunction<CacheMeters> number) {
    FunctionCounter.builder("blip2.cache.gets", this, number).tags(tags).register(registry);
  }

  private CacheStatistics read(Function<Blip2, CacheStatistics> reader) {
    return models.find().map(reader).orElse(NOTHING);
  }
}
