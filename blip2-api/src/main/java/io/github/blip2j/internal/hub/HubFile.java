package io.github.blip2j.internal.hub;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Locale;

/**
 * A file of a revision. Its hash is also its name among the cache's blobs: SHA-256 of large files,
 * and of the others git's own hash.
 *
 * @param name path within the revision
 * @param size in bytes
 * @param hash 64 hexadecimal digits of SHA-256, or 40 of the git blob
 */
record HubFile(String name, long size, String hash) {
  private static final int SHA256_DIGITS = 64;

  private boolean sha256() {
    return hash.length() == SHA256_DIGITS;
  }

  /** What the hash is called. */
  String hashName() {
    return sha256() ? "sha256" : "git blob id";
  }

  /** A digest that gives the hash when it has been given the whole content. */
  MessageDigest digest() {
    try {
      MessageDigest digest = MessageDigest.getInstance(sha256() ? "SHA-256" : "SHA-1");
      if (!sha256()) {
        digest.update(
            String.format(Locale.ROOT, "blob %d\0", size).getBytes(StandardCharsets.UTF_8));
      }
      return digest;
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-1 and SHA-256", e);
    }
  }

  /** The hash that a digest has come to; resets it. */
  static String hash(MessageDigest digest) {
    return HexFormat.of().formatHex(digest.digest());
  }
}
