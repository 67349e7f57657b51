package io.github.blip2j.generation;

import java.util.List;

/**
 * The next piece of a text that is being written.
 *
 * @param text whole characters; the pieces of a text joined are its {@link GeneratedText#text()}.
 *     Empty if a token adds nothing that can be shown yet
 * @param tokenIds the tokens that were written since the piece before
 */
public record TextPiece(String text, List<Integer> tokenIds) {
  /** Copies the ids. */
  public TextPiece {
    tokenIds = List.copyOf(tokenIds);
  }
}
