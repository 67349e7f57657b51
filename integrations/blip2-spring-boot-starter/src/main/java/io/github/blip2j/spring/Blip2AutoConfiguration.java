package io.github.blip2j.spring;

import io.github.blip2j.Blip2;
import io.github.blip2j.Blip2Builder;
import io.github.blip2j.generation.InferenceListener;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.binder.MeterBinder;
import java.util.List;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnProperty;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.boot.health.autoconfigure.contributor.ConditionalOnEnabledHealthIndicator;
import org.springframework.boot.health.contributor.HealthIndicator;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Lazy;

/**
 * The model as a bean, which the application's end closes, after the requests under way; with its
 * health and its metrics where the application has such.
 */
@AutoConfiguration(
    afterName =
        "org.springframework.boot.micrometer.metrics.autoconfigure.CompositeMeterRegistryAutoConfiguration")
@ConditionalOnProperty(name = "blip2.enabled", matchIfMissing = true)
@EnableConfigurationProperties(Blip2Properties.class)
class Blip2AutoConfiguration {
  /** Loads with what properties, customizers and listeners say. */
  static Blip2 load(
      Blip2Properties properties,
      ObjectProvider<Blip2BuilderCustomizer> customizers,
      ObjectProvider<InferenceListener> listeners) {
    Blip2Builder builder = Blip2.builder();
    properties.apply(builder);
    List<InferenceListener> all = listeners.orderedStream().toList();
    if (!all.isEmpty()) {
      builder.inferenceListener(all.size() == 1 ? all.get(0) : new AllListeners(all));
    }
    customizers.orderedStream().forEach(c -> c.customize(builder));
    try {
      return builder.load();
    } catch (IllegalStateException e) {
      throw new IllegalStateException(
          "the Blip2 bean: "
              + e.getMessage()
              + "; set blip2.model to a checkpoint directory or owner/name of a model, name one in"
              + " a Blip2BuilderCustomizer, or set blip2.enabled=false",
          e);
    }
  }

  @Configuration(proxyBeanMethods = false)
  @ConditionalOnMissingBean(Blip2.class)
  @ConditionalOnProperty(name = "blip2.load", havingValue = "eager", matchIfMissing = true)
  static class Eager {
    @Bean(destroyMethod = "close")
    Blip2 blip2(
        Blip2Properties properties,
        ObjectProvider<Blip2BuilderCustomizer> customizers,
        ObjectProvider<InferenceListener> listeners) {
      return load(properties, customizers, listeners);
    }
  }

  @Configuration(proxyBeanMethods = false)
  @ConditionalOnMissingBean(Blip2.class)
  @ConditionalOnProperty(name = "blip2.load", havingValue = "lazy")
  static class WithFirstUse {
    @Bean(destroyMethod = "close")
    @Lazy
    Blip2 blip2(
        Blip2Properties properties,
        ObjectProvider<Blip2BuilderCustomizer> customizers,
        ObjectProvider<InferenceListener> listeners) {
      return load(properties, customizers, listeners);
    }
  }

  @Configuration(proxyBeanMethods = false)
  @ConditionalOnClass({HealthIndicator.class, ConditionalOnEnabledHealthIndicator.class})
  static class WithHealth {
    @Bean
    @ConditionalOnMissingBean(name = "blip2HealthIndicator")
    @ConditionalOnEnabledHealthIndicator("blip2")
    HealthIndicator blip2HealthIndicator(ConfigurableListableBeanFactory beans) {
      return new Blip2HealthIndicator(new LoadedModels(beans));
    }
  }

  @Configuration(proxyBeanMethods = false)
  @ConditionalOnClass(MeterRegistry.class)
  static class WithMetrics {
    @Bean
    @ConditionalOnMissingBean
    Blip2Meters blip2Meters(ObjectProvider<MeterRegistry> registry) {
      return new Blip2Meters(registry);
    }

    @Bean
    @ConditionalOnMissingBean(name = "blip2CacheMeters")
    MeterBinder blip2CacheMeters(ConfigurableListableBeanFactory beans) {
      return new CacheMeters(new LoadedModels(beans));
    }
  }
}
