package io.github.blip2j.mcp;

import io.github.blip2j.Blip2;
import io.github.blip2j.core.Capability;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What an assistant may use: at least one model.
 *
 * @param writing a model that writes, for {@code caption_image} and {@code ask_image}; may be null
 * @param matching a model that matches, for {@code match_image} and {@code search_images}; may be
 *     null
 * @param folders whose images may be looked at, and what lies below them; none: images come within
 *     requests only
 * @param index an index of {@code matching}'s checkpoint for {@code search_images}, which others
 *     fill; of its images those are found that lie in the folders. Null: the folders are indexed
 *     while they are searched, in a temporary folder
 * @param newTokens most of a text, at least 1
 */
public record McpOptions(
    @Nullable Blip2 writing,
    @Nullable Blip2 matching,
    List<Path> folders,
    @Nullable Path index,
    int newTokens) {
  /** New tokens unless another limit is set. */
  public static final int DEFAULT_NEW_TOKENS = 512;

  /** Checks the values and copies the folders. */
  public McpOptions {
    folders = List.copyOf(folders);
    if (writing == null && matching == null) {
      throw new IllegalArgumentException("writing or matching must be a model");
    }
    if (writing != null && !writing.capabilities().contains(Capability.GENERATE)) {
      throw new IllegalArgumentException("writing must be a model that writes text");
    }
    if (matching != null && !matching.capabilities().contains(Capability.MATCH)) {
      throw new IllegalArgumentException("matching must be a model that matches images and texts");
    }
    if (index != null && matching == null) {
      throw new IllegalArgumentException("index (" + index + ") needs a model that matches");
    }
    if (newTokens < 1) {
      throw new IllegalArgumentException("newTokens (" + newTokens + ") must be at least 1");
    }
  }

  /**
   * Models and folders, without an index, with {@value #DEFAULT_NEW_TOKENS} new tokens at most.
   *
   * @param writing a model that writes, or null
   * @param matching a model that matches, or null
   * @param folders whose images may be looked at
   * @return the options
   */
  public static McpOptions of(
      @Nullable Blip2 writing, @Nullable Blip2 matching, List<Path> folders) {
    return new McpOptions(writing, matching, folders, null, DEFAULT_NEW_TOKENS);
  }

  /**
   * The same with an index.
   *
   * @param directory where it lies
   * @return changed options
   */
  public McpOptions withIndex(Path directory) {
    return new McpOptions(writing, matching, folders, directory, newTokens);
  }
}
