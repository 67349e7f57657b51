package io.github.blip2j.server;

/**
 * What requests may ask for at most; each at least 1, and {@code queue} and {@code conversations}
 * at least 0. The largest image, in pixels, is a matter of the model: {@code
 * Blip2Builder.imageOptions}.
 *
 * @param bodyBytes of a request's body; an image in base64 takes a third more than its file
 * @param concurrency requests that use the model at once
 * @param queue requests that wait for that; further ones are answered 429
 * @param newTokens of one text
 * @param texts of one request: answers asked for, candidates, inputs
 * @param images that are kept encoded for {@code image_id}; of more the least recently used goes
 * @param conversations whose KV caches are kept for the next turn: at the size of blip2-opt-2.7b
 *     0.66 MB a token
 */
public record ServerLimits(
    int bodyBytes,
    int concurrency,
    int queue,
    int newTokens,
    int texts,
    int images,
    int conversations) {
  private static final int MOST = 1 << 28; // bytes of a body; base64 of one fits into a String

  /** Checks the values. */
  public ServerLimits {
    require("bodyBytes", bodyBytes, 1, MOST);
    require("concurrency", concurrency, 1, 1 << 10);
    require("queue", queue, 0, 1 << 14);
    require("newTokens", newTokens, 1, Integer.MAX_VALUE);
    require("texts", texts, 1, 1 << 14);
    require("images", images, 1, 1 << 20);
    require("conversations", conversations, 0, 1 << 14);
  }

  private static void require(String name, int value, int least, int most) {
    if (value < least || value > most) {
      throw new IllegalArgumentException(
          name + " (" + value + ") must be " + least + " to " + most);
    }
  }

  /**
   * Bodies of 32 MiB, 4 requests at once and 64 waiting, 512 new tokens, 64 texts, 256 images, 4
   * conversations.
   *
   * @return the defaults
   */
  public static ServerLimits defaults() {
    return new ServerLimits(32 << 20, 4, 64, 512, 64, 256, 4);
  }

  /**
   * The same with another limit of bodies.
   *
   * @param bytes most of a request's body
   * @return changed limits
   */
  public ServerLimits withBodyBytes(int bytes) {
    return new ServerLimits(bytes, concurrency, queue, newTokens, texts, images, conversations);
  }

  /**
   * The same with other numbers of requests.
   *
   * @param atOnce requests that use the model at once
   * @param waiting requests that wait for that
   * @return changed limits
   */
  public ServerLimits withRequests(int atOnce, int waiting) {
    return new ServerLimits(bodyBytes, atOnce, waiting, newTokens, texts, images, conversations);
  }

  /**
   * The same with another limit of tokens.
   *
   * @param tokens of one text
   * @return changed limits
   */
  public ServerLimits withNewTokens(int tokens) {
    return new ServerLimits(bodyBytes, concurrency, queue, tokens, texts, images, conversations);
  }

  /**
   * The same with other numbers of what is kept.
   *
   * @param encoded images
   * @param chats conversations
   * @return changed limits
   */
  public ServerLimits withKept(int encoded, int chats) {
    return new ServerLimits(bodyBytes, concurrency, queue, newTokens, texts, encoded, chats);
  }
}
