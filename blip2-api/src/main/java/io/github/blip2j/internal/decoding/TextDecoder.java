package io.github.blip2j.internal.decoding;

import java.util.List;

/** Ids to text, special tokens left out and white space as it is. */
@FunctionalInterface
public interface TextDecoder {
  /** The text of the ids. */
  String decode(List<Integer> ids);
}
