package io.github.blip2j;

import io.github.blip2j.core.DownloadException;
import io.github.blip2j.core.LoadListener;
import io.github.blip2j.internal.hub.HubDownload;
import io.github.blip2j.internal.hub.ModelLocator;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;

/**
 * A model of the Hub as it is now, before anything is transferred; {@link
 * Blip2Builder#planDownload} asks for it. For one thread.
 */
public final class ModelDownload {
  private final HubDownload download;
  private final LoadListener listener;

  ModelDownload(HubDownload download, LoadListener listener) {
    this.download = download;
    this.listener = listener;
  }

  /**
   * Where models of the Hugging Face Hub are looked for and downloaded to; Python's libraries use
   * the same.
   *
   * @return the folder that {@code HF_HUB_CACHE}, {@code HUGGINGFACE_HUB_CACHE} or {@code HF_HOME}
   *     names, else {@code huggingface/hub} in the user's cache folder; may not exist yet
   */
  public static Path cacheDirectory() {
    return ModelLocator.ofProcess().hubCache();
  }

  /**
   * The commit that the revision is now.
   *
   * @return 40 hexadecimal digits
   */
  public String commit() {
    return download.commit();
  }

  /**
   * The licence that the model's page names.
   *
   * @return such as {@code mit}; nothing if it names none
   */
  public Optional<String> licence() {
    return Optional.of(download.licence()).filter(l -> !l.isEmpty());
  }

  /**
   * The files that this library needs of it, whether they are here or not.
   *
   * @return sizes in bytes by name; unmodifiable
   */
  public Map<String, Long> files() {
    return Map.copyOf(download.files());
  }

  /**
   * What has yet to be transferred.
   *
   * @return bytes, without those that an earlier try has left; 0 if everything is here
   */
  public long missingBytes() {
    return download.missingBytes();
  }

  /**
   * Brings what is not here into the Hub cache, where every library of the Hub finds it. Goes on
   * where an earlier try ended. The builder's {@link LoadListener} is told how far it is.
   *
   * @return the folder with the model's files
   * @throws DownloadException if it cannot be completed; what has come is kept for the next try
   */
  public Path run() {
    return download.run(listener);
  }
}
