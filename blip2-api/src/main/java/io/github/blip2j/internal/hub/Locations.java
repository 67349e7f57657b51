package io.github.blip2j.internal.hub;

import java.nio.file.Path;
import java.util.Map;

/**
 * Folders by the environment's variables; the only place of this module that reads them.
 *
 * @param home the user's home
 * @param environment variables by name
 */
record Locations(Path home, Map<String, String> environment) {
  static Locations ofProcess() {
    return new Locations(Path.of(System.getProperty("user.home")), System.getenv());
  }

  /** The Hub's cache, found as {@code huggingface_hub} finds it. */
  Path hubCache() {
    String hub = environment.get("HF_HUB_CACHE");
    if (hub != null && !hub.isEmpty()) {
      return Path.of(hub);
    }
    String hf = environment.get("HF_HOME");
    if (hf != null && !hf.isEmpty()) {
      return Path.of(hf, "hub");
    }
    return userCache().resolve("huggingface").resolve("hub");
  }

  /** Where backends keep what they derive from checkpoints. */
  Path derivedFiles() {
    String own = environment.get("BLIP2_CACHE");
    return own != null && !own.isEmpty() ? Path.of(own) : userCache().resolve("blip2");
  }

  private Path userCache() {
    String xdg = environment.get("XDG_CACHE_HOME");
    return xdg != null && !xdg.isEmpty() ? Path.of(xdg) : home.resolve(".cache");
  }
}
