package io.github.blip2j.spring;

import io.github.blip2j.Blip2;
import java.util.Optional;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;

/** Looks at the model without loading it. */
record LoadedModels(ConfigurableListableBeanFactory beans) {
  /** The model, if it has been loaded. */
  Optional<Blip2> find() {
    for (String name : beans.getBeanNamesForType(Blip2.class, true, false)) {
      if (beans.getSingleton(name) instanceof Blip2 blip2) {
        return Optional.of(blip2);
      }
    }
    return Optional.empty();
  }
}
